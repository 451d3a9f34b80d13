import diamond from 'diamond-types-node';

export const positions = 'scalar';

export const create = (replica) => new diamond.Doc(`author ${replica}`);

function splice(doc, position, deleted, inserted) {
  if (deleted > 0) doc.del(position, deleted);
  if (inserted) doc.ins(position, inserted);
}

export function replay(doc, { positions, deletes, inserts }) {
  for (let i = 0; i < positions.length; ++i) splice(doc, positions[i], deletes[i], inserts[i]);
}

export function write(doc, { positions, deletes, inserts }, first, last) {
  const before = doc.getLocalVersion();
  for (let i = first; i < last; ++i) splice(doc, positions[i], deletes[i], inserts[i]);
  return doc.getPatchSince(before);
}

export function receive(doc, messages) {
  for (const message of messages) doc.mergeBytes(message);
}

export const save = (doc) => doc.toBytes();

export const open = (bytes) => diamond.Doc.fromBytes(bytes, 'reader');

export const text = (doc) => doc.get();

export const release = (doc) => doc.free();
