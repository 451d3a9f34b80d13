import * as Y from 'yjs';

export const positions = 'utf16';

export function create(replica) {
  const doc = new Y.Doc();
  doc.clientID = replica + 1;
  return { doc, text: doc.getText('text') };
}

function splice(text, position, deleted, inserted) {
  if (deleted > 0) text.delete(position, deleted);
  if (inserted) text.insert(position, inserted);
}

export function replay({ text }, { positions, deletes, inserts }) {
  for (let i = 0; i < positions.length; ++i) splice(text, positions[i], deletes[i], inserts[i]);
}

export function write({ doc, text }, { positions, deletes, inserts }, first, last) {
  let message;
  const keep = (update) => (message = update);
  doc.on('update', keep);
  doc.transact(() => {
    for (let i = first; i < last; ++i) splice(text, positions[i], deletes[i], inserts[i]);
  });
  doc.off('update', keep);
  return message;
}

export function receive({ doc }, messages) {
  if (messages.length === 1) Y.applyUpdate(doc, messages[0]);
  else doc.transact(() => messages.forEach((message) => Y.applyUpdate(doc, message)));
}

export const save = ({ doc }) => Y.encodeStateAsUpdateV2(doc);

export function open(bytes) {
  // Number 0 has no edits; another number would be changed by the library, which says so aloud.
  const state = create(-1);
  Y.applyUpdateV2(state.doc, bytes);
  return state;
}

export const text = (state) => state.text.toString();

export const release = ({ doc }) => doc.destroy();
