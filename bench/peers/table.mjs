import { median } from './median.mjs';

// A figure: {library, bench, case, ns_per_edit, ratio_to_gap_buffer, ms, bytes}, each number optional,
// or {library, bench, case, problem}. Sangam's program prints the same objects.
const numbers = ['ns_per_edit', 'ratio_to_gap_buffer', 'ms', 'bytes'];
const knownColumns = ['text_local', 'text_remote', 'text_live', 'text_save', 'text_load'];

// Map.groupBy is younger than Node 20.
function groupBy(values, keyOf) {
  const groups = new Map();
  for (const value of values) {
    const name = keyOf(value);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(value);
  }
  return groups;
}

const key = ({ library, bench, case: trace }) => JSON.stringify([trace, library, bench]);

// One figure for all that have the same case, library and bench. One problem spoils the figure.
export function medians(figures) {
  return [...groupBy(figures, key).values()].map((group) => {
    const { library, bench, case: trace } = group[0];
    const result = { library, bench, case: trace };
    const spoilt = group.find(({ problem }) => problem);
    if (spoilt) return { ...result, problem: spoilt.problem };
    for (const name of numbers) {
      const values = group.map((figure) => figure[name]).filter(Number.isFinite);
      if (values.length > 0) result[name] = median(values);
    }
    return result;
  });
}

// The lines of Sangam's program that are figures; what else it prints is counted.
export function parseFigures(output, library) {
  const figures = [];
  let others = 0;
  for (const line of output.split('\n')) {
    if (!line.trim()) continue;
    let object;
    try {
      object = JSON.parse(line);
    } catch {
      // Counted below.
    }
    if (typeof object?.bench === 'string') figures.push({ library, ...object, case: String(object.case ?? '-') });
    else ++others;
  }
  return { figures, others };
}

export function count(value) {
  const digits = value < 10 ? 1 : 0;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function cell(figure) {
  if (!figure) return '–';
  if (figure.problem) return figure.problem;
  const { bench, ns_per_edit: ns, ratio_to_gap_buffer: ratio, ms, bytes } = figure;
  const parts = [];
  // How long a file takes is asked in milliseconds; so is what has no time an edit.
  const isFile = /save|load/.test(bench);
  if (Number.isFinite(ms) && (isFile || !Number.isFinite(ns))) parts.push(`${ms.toFixed(2)} ms,`);
  if (Number.isFinite(ns)) parts.push(count(ns));
  if (Number.isFinite(ratio)) parts.push(`(${count(ratio)}x)`);
  if (Number.isFinite(bytes) && !isFile) parts.push(`${bytes.toLocaleString('en-US')} bytes`);
  return parts.join(' ').replace(/,$/, '') || '–';
}

function bytesCell(row) {
  const { bytes } = row.get('text_save') ?? row.get('text_load') ?? {};
  return Number.isFinite(bytes) ? bytes.toLocaleString('en-US') : '–';
}

// A Markdown table, padded so that it reads well in a terminal too.
export function renderTable(figures) {
  const others = new Set(figures.map(({ bench }) => bench).filter((bench) => !knownColumns.includes(bench)));
  const benches = [...knownColumns, ...others];
  const header = ['trace', 'library', ...benches.map((bench) => bench.replace(/^text_/, '')), 'saved bytes'];
  const lines = [header];
  for (const [trace, ofTrace] of groupBy(figures, (figure) => figure.case)) {
    for (const [library, ofLibrary] of groupBy(ofTrace, (figure) => figure.library)) {
      const row = new Map(ofLibrary.map((figure) => [figure.bench, figure]));
      lines.push([trace, library, ...benches.map((bench) => cell(row.get(bench))), bytesCell(row)]);
    }
  }
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const isName = (column) => column < 2;
  const pad = (text, column) => (isName(column) ? text.padEnd(widths[column]) : text.padStart(widths[column]));
  const rendered = lines.map((line) => `| ${line.map(pad).join(' | ')} |`);
  const rule = widths.map((width, column) => (isName(column) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  rendered.splice(1, 0, `| ${rule.join(' | ')} |`);
  return rendered.join('\n');
}
