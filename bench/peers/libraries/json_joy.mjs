import crdt from 'json-joy/lib/json-crdt/index.js';
import patches from 'json-joy/lib/json-crdt-patch/index.js';

const { Model } = crdt;
const { Patch, s } = patches;

export const positions = 'utf16';

// Smaller session numbers are reserved by the library.
const firstSession = 65_536;
const base = Model.create(s.str(''), firstSession);

const state = (model) => ({ model, text: model.api.str([]) });

export const create = (replica) => state(base.fork(firstSession + 1 + replica));

function splice(text, position, deleted, inserted) {
  if (deleted > 0) text.del(position, deleted);
  if (inserted) text.ins(position, inserted);
}

export function replay({ model, text }, { positions, deletes, inserts }) {
  // One patch an edit: the list of one patch for all would grow and cost more.
  for (let i = 0; i < positions.length; ++i) {
    splice(text, positions[i], deletes[i], inserts[i]);
    model.api.flush();
  }
}

export function write({ model, text }, { positions, deletes, inserts }, first, last) {
  for (let i = first; i < last; ++i) splice(text, positions[i], deletes[i], inserts[i]);
  return model.api.flush().toBinary();
}

export function receive({ model }, messages) {
  for (const message of messages) model.applyPatch(Patch.fromBinary(message));
}

export const save = ({ model }) => model.toBinary();

export const open = (bytes) => state(Model.fromBinary(bytes));

export const text = (document) => document.text.view();

export const release = () => {};
