import { GapBuffer, replay as replayAll } from '../gap_buffer.mjs';

export const positions = 'utf16';

export const create = () => ({ buffer: new GapBuffer() });

export function replay(state, edits) {
  state.buffer = replayAll(edits);
}

export const text = ({ buffer }) => buffer.toString();

export const release = () => {};
