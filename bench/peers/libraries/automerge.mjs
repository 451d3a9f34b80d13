import * as Automerge from '@automerge/automerge';

export const positions = 'utf16';

// All documents descend from one change that creates the text.
const actor = (number) => number.toString(16).padStart(16, '0');
const base = Automerge.from({ text: '' }, { actor: actor(0) });

// Automerge documents are values; the state holds the newest one.
export const create = (replica) => ({ doc: Automerge.clone(base, { actor: actor(replica + 1) }) });

function change(state, { positions, deletes, inserts }, first, last) {
  state.doc = Automerge.change(state.doc, (draft) => {
    for (let i = first; i < last; ++i) Automerge.splice(draft, ['text'], positions[i], deletes[i], inserts[i]);
  });
}

export const replay = (state, edits) => change(state, edits, 0, edits.positions.length);

export function write(state, edits, first, last) {
  change(state, edits, first, last);
  return Automerge.getLastLocalChange(state.doc);
}

export function receive(state, messages) {
  [state.doc] = Automerge.applyChanges(state.doc, messages);
}

export const save = ({ doc }) => Automerge.save(doc);

export const open = (bytes) => ({ doc: Automerge.load(bytes) });

export const text = ({ doc }) => doc.text;

export const release = ({ doc }) => Automerge.free(doc);
