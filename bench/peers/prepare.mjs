import { replay } from './gap_buffer.mjs';
import { plan } from './plan.mjs';
import { BadInput, columns, hasAstral, toUtf16 } from './trace.mjs';

// Concurrent inserts at one place: their order, and so the end text, is each library's own choice.
const endDependsOnTies = new Set(['node-nodecc']);

// Everything that the measurements need and no clock should see, as plain JSON.
export async function prepare(trace) {
  const { name, concurrent, endText, edits } = trace;
  const flat = concurrent ? columns(await flatten(trace.transactions)) : edits;
  let flatUtf16;
  let flatEnd;
  try {
    flatUtf16 = toUtf16(flat);
    flatEnd = replay(flatUtf16).toString();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new BadInput(`${trace.file}: is not an editing history: ${error.message}`);
  }
  const anyEnd = concurrent && endDependsOnTies.has(name);
  if (flatEnd !== endText && !anyEnd) {
    throw new BadInput(`${trace.file}: the edits do not end in endContent`);
  }
  return {
    name,
    concurrent,
    // null: only that all documents agree can be checked.
    endText: anyEnd ? null : endText,
    flat: { scalar: flat, utf16: flatUtf16, endText: flatEnd },
    edits: {
      scalar: edits,
      // Positions of a concurrent history refer to many texts; none is kept here to convert them with.
      utf16: concurrent ? (hasAstral(edits) ? null : edits) : flatUtf16,
    },
    steps: concurrent
      ? plan(trace.transactions)
      : [{ writer: 0, receive: [], first: 0, last: edits.positions.length }],
  };
}

// A concurrent history as one line: each edit as a reader sees it who receives them in the file's order.
// diamond-types does the transformation; the gap buffer and `local` then replay the result.
export async function flatten(transactions) {
  const { default: diamond } = await import('diamond-types-node');
  const log = new diamond.OpLog('0');
  const versions = [];
  const flat = [];
  for (const { parents, agent, patches } of transactions) {
    log.setAgent(String(agent));
    let at = parents.map((parent) => versions[parent]).reduce((a, b) => log.mergeVersions(a, b), new Uint32Array());
    for (const [position, deleted, inserted] of patches) {
      const before = log.getLocalVersion();
      const isConcurrent = before.length !== at.length || before.some((entry, i) => entry !== at[i]);
      if (deleted > 0) at = Uint32Array.of(log.del(position, deleted, at));
      if (inserted) at = Uint32Array.of(log.ins(position, inserted, at));
      if (!isConcurrent) {
        flat.push([position, deleted, inserted]);
        continue;
      }
      for (const { kind, start, end, content } of log.getXFSince(before)) {
        flat.push(kind === 'Ins' ? [start, 0, content] : [start, end - start, '']);
      }
    }
    versions.push(at);
  }
  log.free();
  return flat;
}
