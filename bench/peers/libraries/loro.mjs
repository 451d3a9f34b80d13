import { LoroDoc } from 'loro-crdt';

export const positions = 'utf16';

export function create(replica) {
  const doc = new LoroDoc();
  doc.setPeerId(BigInt(replica + 1));
  return { doc, text: doc.getText('text') };
}

function splice(text, position, deleted, inserted) {
  if (deleted > 0) text.delete(position, deleted);
  if (inserted) text.insert(position, inserted);
}

export function replay({ doc, text }, { positions, deletes, inserts }) {
  for (let i = 0; i < positions.length; ++i) splice(text, positions[i], deletes[i], inserts[i]);
  doc.commit();
}

export function write(state, { positions, deletes, inserts }, first, last) {
  const { doc, text } = state;
  // Cheaper than an export from the version before; it gives the same bytes.
  state.unsubscribe ??= doc.subscribeLocalUpdates((bytes) => (state.message = bytes));
  for (let i = first; i < last; ++i) splice(text, positions[i], deletes[i], inserts[i]);
  doc.commit();
  return state.message;
}

export function receive({ doc }, messages) {
  if (messages.length === 1) doc.import(messages[0]);
  else doc.importBatch(messages);
}

export const save = ({ doc }) => doc.export({ mode: 'snapshot' });

export function open(bytes) {
  const state = create(0);
  state.doc.import(bytes);
  return state;
}

export const text = (state) => state.text.toString();

export function release(state) {
  state.unsubscribe?.();
  state.doc.free();
}
