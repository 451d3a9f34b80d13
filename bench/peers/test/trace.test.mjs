import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { prepare } from '../prepare.mjs';
import { BadInput, columns, hasAstral, parseTrace, toUtf16 } from '../trace.mjs';
import { GapBuffer, replay } from '../gap_buffer.mjs';

const parse = (history) => parseTrace('small', 'small.json.gz', gzipSync(JSON.stringify(history)));
const refuses = (history, message) =>
  assert.throws(
    () => parse(history),
    (error) => error instanceof BadInput && message.test(error.message),
  );

test('trace: a sequential history becomes columns of edits, its start first', () => {
  const trace = parse({ startContent: 'ab', endContent: 'axc', txns: [{ patches: [[1, 1, 'x'], [2, 0, 'c']] }] });
  assert.equal(trace.concurrent, false);
  assert.deepEqual(trace.edits, { positions: [0, 1, 2], deletes: [0, 1, 0], inserts: ['ab', 'x', 'c'] });
});

test('trace: a concurrent history keeps its transactions', () => {
  const txns = [{ parents: [], agent: 0, patches: [[0, 0, 'a']] }];
  const trace = parse({ kind: 'concurrent', endContent: 'a', numAgents: 1, txns });
  assert.equal(trace.concurrent, true);
  assert.deepEqual(trace.transactions, txns);
});

test('trace: what is no history is refused, and the message says why', () => {
  assert.throws(() => parseTrace('x', 'x', Buffer.from('plain')), /x: is not gzip/);
  assert.throws(() => parseTrace('x', 'x', gzipSync('{')), /x: is not JSON/);
  refuses(null, /no endContent/);
  refuses({ endContent: '' }, /no txns/);
  refuses({ endContent: '', txns: [{ patches: [] }] }, /no edits/);
  refuses({ endContent: '', txns: [{ patches: [[-1, 0, '']] }] }, /txns\[0\]\.patches/);
  refuses({ endContent: '', txns: [null] }, /txns\[0\]/);
  refuses({ endContent: '', kind: 'tree', txns: [{ patches: [[0, 0, 'a']] }] }, /unknown kind/);
  const txn = { agent: 0, parents: [0], patches: [[0, 0, 'a']] };
  refuses({ endContent: 'a', kind: 'concurrent', txns: [txn] }, /earlier transactions/);
});

test('trace: edits outside of the text or with another end are refused', async () => {
  const history = (endContent, patch) => parse({ endContent, txns: [{ patches: [patch] }] });
  await assert.rejects(prepare(history('a', [1, 0, 'a'])), BadInput);
  await assert.rejects(prepare(history('b', [0, 0, 'a'])), /do not end in endContent/);
});

test('positions: text of the basic plane needs no conversion', () => {
  const edits = columns([[0, 0, 'é漢'], [1, 1, '']]);
  assert.equal(hasAstral(edits), false);
  assert.equal(toUtf16(edits), edits);
});

test('positions: a character outside of the basic plane counts twice, before and within an edit', () => {
  const edits = columns([[0, 0, 'a😀b'], [2, 0, '🎉'], [1, 2, 'x'], [3, 0, '!']]);
  const converted = toUtf16(edits);
  assert.deepEqual(converted.positions, [0, 3, 1, 3]);
  assert.deepEqual(converted.deletes, [0, 0, 4, 0]);
  assert.equal(replay(converted).toString(), 'axb!');
  assert.throws(() => toUtf16(columns([[0, 0, '😀'], [1, 1, '']])), RangeError);
});

test('positions: conversion agrees with arrays of characters over random edits', () => {
  let seed = 1;
  const random = (below) => (seed = (seed * 48_271) % 2_147_483_647) % below;
  const patches = [];
  const expected = [];
  for (let i = 0; i < 2_000; ++i) {
    const position = random(expected.length + 1);
    const deleted = Math.min(random(4), expected.length - position);
    const inserted = ['', 'a', '😀', 'é🎉x', '漢字'][random(5)];
    patches.push([position, deleted, inserted]);
    expected.splice(position, deleted, ...inserted);
  }
  assert.equal(replay(toUtf16(columns(patches))).toString(), expected.join(''));
});

test('gap buffer: an edit past the end throws and changes nothing', () => {
  const buffer = new GapBuffer(2);
  buffer.splice(0, 0, 'hello');
  assert.throws(() => buffer.splice(4, 2, 'x'), RangeError);
  assert.equal(buffer.toString(), 'hello');
});
