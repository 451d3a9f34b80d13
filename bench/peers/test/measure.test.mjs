import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { prepare } from '../prepare.mjs';
import { columns } from '../trace.mjs';

const here = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sangam-peers-test-'));
after(() => rmSync(folder, { recursive: true }));

function measure(library, measurement, history) {
  const file = join(folder, 'history.json');
  writeFileSync(file, JSON.stringify(history));
  const arguments_ = [join(here, 'measure.mjs'), library, measurement, file];
  const { stdout } = spawnSync(process.execPath, arguments_, { encoding: 'utf8' });
  return JSON.parse(stdout.split('\n').at(-1));
}

const sequential = (patches, endText) =>
  prepare({ name: 'small', file: 'small', concurrent: false, endText, edits: columns(patches), transactions: [] });

test('measure: a library that ends in another text is wrong', async () => {
  const history = await sequential([[0, 0, 'abc'], [1, 1, '']], 'ac');
  assert.equal(measure('gap_buffer', 'local', history).figures[0].bench, 'text_local');
  history.flat.endText = 'other';
  assert.deepEqual(measure('gap_buffer', 'local', history), { problem: 'wrong text' });
});

const skip = existsSync(join(here, 'node_modules')) ? false : 'needs npm ci';

test('measure: every library passes the check of every measurement', { skip }, async () => {
  const straight = await sequential([[0, 0, 'a😀b'], [2, 0, '🎉é'], [1, 2, 'x'], [3, 0, '!']], 'axé!b');
  const transactions = [
    { agent: 0, parents: [], patches: [[0, 0, 'hello']] },
    { agent: 1, parents: [0], patches: [[5, 0, '!'], [4, 1, '']] },
    { agent: 0, parents: [0], patches: [[0, 1, 'J']] },
    { agent: 2, parents: [1, 2], patches: [[1, 0, '-']] },
  ];
  const crossed = await prepare({
    name: 'crossed',
    file: 'crossed',
    concurrent: true,
    endText: 'J-ell!',
    edits: columns(transactions.flatMap(({ patches }) => patches)),
    transactions,
  });
  assert.equal(crossed.flat.endText, 'J-ell!');
  for (const library of ['yjs', 'loro', 'automerge', 'json_joy', 'diamond_types']) {
    for (const history of [straight, crossed]) {
      for (const measurement of ['local', 'remote', 'stored', ...(history.concurrent ? ['live'] : [])]) {
        const { figures, problem } = measure(library, measurement, history);
        assert.equal(problem, undefined, `${library} ${measurement}`);
        assert.ok(figures.every(({ ns_per_edit }) => ns_per_edit > 0));
      }
    }
  }
});
