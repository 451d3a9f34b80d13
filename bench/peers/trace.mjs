import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';

// What the user gave is no good: the message is for the user, without a stack.
export class BadInput extends Error {}

const astral = /[\ud800-\udfff]/;

// Edits as columns, so that the timed loops read plain arrays.
export function columns(patches) {
  return {
    positions: patches.map(([position]) => position),
    deletes: patches.map(([, deleted]) => deleted),
    inserts: patches.map(([, , inserted]) => inserted),
  };
}

export function hasAstral(edits) {
  return edits.inserts.some((inserted) => astral.test(inserted));
}

export function readTrace(file) {
  let bytes;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new BadInput(`${file}: cannot be read (${error.code})`);
  }
  return parseTrace(basename(file).replace(/\.json\.gz$/, ''), file, bytes);
}

export function parseTrace(name, file, bytes) {
  let text;
  let history;
  try {
    text = gunzipSync(bytes).toString('utf8');
  } catch {
    throw new BadInput(`${file}: is not gzip`);
  }
  try {
    history = JSON.parse(text);
  } catch {
    throw new BadInput(`${file}: is not JSON`);
  }
  const problem = findProblem(history);
  if (problem) throw new BadInput(`${file}: is not an editing history: ${problem}`);

  const concurrent = history.kind === 'concurrent';
  const patches = history.txns.flatMap((transaction) => transaction.patches);
  if (!concurrent && history.startContent) patches.unshift([0, 0, history.startContent]);
  return {
    name,
    file,
    concurrent,
    endText: history.endContent,
    edits: columns(patches),
    transactions: concurrent ? history.txns : [],
  };
}

const isCount = (value) => Number.isInteger(value) && value >= 0;

function findProblem(history) {
  if (typeof history?.endContent !== 'string') return 'no endContent';
  if (!Array.isArray(history.txns) || history.txns.length === 0) return 'no txns';
  if (history.kind !== undefined && history.kind !== 'concurrent') return `unknown kind ${history.kind}`;
  if (history.kind === 'concurrent' && history.startContent) return 'a concurrent history starts empty';
  let edits = 0;
  for (const [index, transaction] of history.txns.entries()) {
    const { patches, parents, agent } = transaction ?? {};
    const isPatch = (patch) =>
      Array.isArray(patch) && isCount(patch[0]) && isCount(patch[1]) && typeof patch[2] === 'string';
    if (!Array.isArray(patches) || !patches.every(isPatch)) {
      return `txns[${index}].patches must be [position, deleted, inserted]`;
    }
    edits += patches.length;
    if (history.kind !== 'concurrent') continue;
    if (!isCount(agent)) return `txns[${index}] has no agent`;
    if (!Array.isArray(parents) || !parents.every((parent) => isCount(parent) && parent < index)) {
      return `txns[${index}].parents must be earlier transactions`;
    }
  }
  return edits === 0 ? 'no edits' : undefined;
}

// Sequential edits counted in Unicode scalar values, counted in UTF-16 code units instead.
export function toUtf16(edits) {
  if (!hasAstral(edits)) return edits;
  const scalars = [];
  const units = (from, to) => {
    let sum = 0;
    for (let i = from; i < to; ++i) sum += scalars[i].length;
    return sum;
  };
  const converted = { positions: [], deletes: [], inserts: edits.inserts };
  edits.positions.forEach((position, i) => {
    const end = position + edits.deletes[i];
    if (end > scalars.length) throw new RangeError(`edit ${i} lies outside of the text`);
    converted.positions.push(units(0, position));
    converted.deletes.push(units(position, end));
    const tail = scalars.splice(position);
    for (const scalar of edits.inserts[i]) scalars.push(scalar);
    for (let kept = edits.deletes[i]; kept < tail.length; ++kept) scalars.push(tail[kept]);
  });
  return converted;
}
