import assert from 'node:assert/strict';
import { test } from 'node:test';
import { count, medians, parseFigures, renderTable } from '../table.mjs';

const local = { library: 'yjs', bench: 'text_local', case: 'paper' };

test('table: medians are taken of each number of the same library, trace and measurement', () => {
  const figures = [3, 1, 2].map((ns_per_edit) => ({ ...local, ns_per_edit, ratio_to_gap_buffer: 10 * ns_per_edit }));
  assert.deepEqual(medians([...figures, { ...local, library: 'loro', ns_per_edit: 5 }]), [
    { ...local, ns_per_edit: 2, ratio_to_gap_buffer: 20 },
    { ...local, library: 'loro', ns_per_edit: 5 },
  ]);
});

test('table: one problem spoils the figure', () => {
  assert.deepEqual(medians([{ ...local, ns_per_edit: 3 }, { ...local, problem: 'wrong text' }]), [
    { ...local, problem: 'wrong text' },
  ]);
});

test('table: lines of another program that are no figures are counted, unknown fields do no harm', () => {
  const output = 'hello\n\n{"bench":"text_batch","case":"paper","more":[]}\n{"a":1}\nnull\n';
  const { figures, others } = parseFigures(output, 'sangam');
  assert.equal(others, 3);
  assert.equal(figures.length, 1);
  assert.equal(figures[0].library, 'sangam');
});

test('table: a row a library and trace, a dash for what is not there, a word for what went wrong', () => {
  const table = renderTable([
    { ...local, ns_per_edit: 6556.4, ratio_to_gap_buffer: 1771.9 },
    { ...local, bench: 'text_live', problem: 'over 120 s' },
    { ...local, bench: 'text_save', ms: 0.9, ns_per_edit: 3.34, ratio_to_gap_buffer: 0.91, bytes: 159_918 },
    { ...local, library: 'sangam', bench: 'text_batch', bytes: 7 },
  ]);
  const rows = table.split('\n').map((line) => line.split('|').slice(1, -1).map((text) => text.trim()));
  assert.deepEqual(rows[0], ['trace', 'library', 'local', 'remote', 'live', 'save', 'load', 'batch', 'saved bytes']);
  const yjs = ['paper', 'yjs', '6,556 (1,772x)', '–', 'over 120 s', '0.90 ms, 3.3 (0.9x)', '–', '–', '159,918'];
  assert.deepEqual(rows[2], yjs);
  assert.deepEqual(rows[3], ['paper', 'sangam', '–', '–', '–', '–', '–', '7 bytes', '–']);
  assert.equal(new Set(table.split('\n').map((line) => line.length)).size, 1);
});

test('table: small numbers keep one decimal', () => {
  assert.equal(count(2.54), '2.5');
  assert.equal(count(1234.5), '1,235');
});
