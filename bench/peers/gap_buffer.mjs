// The baseline: edits text and does nothing else.
export class GapBuffer {
  constructor(capacity = 1024) {
    this.units = new Uint16Array(capacity);
    this.gapStart = 0;
    this.gapEnd = capacity;
  }

  get length() {
    return this.units.length - (this.gapEnd - this.gapStart);
  }

  splice(position, deleted, inserted) {
    if (position < 0 || deleted < 0 || position + deleted > this.length) {
      throw new RangeError(`edit at ${position}, -${deleted}: the text has ${this.length} units`);
    }
    // A backspace only widens the gap to the left.
    if (deleted > 0 && position + deleted === this.gapStart) this.gapStart = position;
    else {
      if (position !== this.gapStart) this.#moveGap(position);
      this.gapEnd += deleted;
    }
    const added = inserted.length;
    if (added > this.gapEnd - this.gapStart) this.#grow(added);
    for (let i = 0; i < added; ++i) this.units[this.gapStart++] = inserted.charCodeAt(i);
  }

  toString() {
    const decoder = new TextDecoder('utf-16le', { ignoreBOM: true });
    const text = new Uint16Array(this.length);
    text.set(this.units.subarray(0, this.gapStart));
    text.set(this.units.subarray(this.gapEnd), this.gapStart);
    return decoder.decode(text);
  }

  #moveGap(position) {
    const { units, gapStart, gapEnd } = this;
    if (position < gapStart) units.copyWithin(gapEnd - (gapStart - position), position, gapStart);
    else units.copyWithin(gapStart, gapEnd, gapEnd + (position - gapStart));
    this.gapEnd += position - gapStart;
    this.gapStart = position;
  }

  #grow(added) {
    const tail = this.units.length - this.gapEnd;
    const larger = new Uint16Array(2 * (this.units.length + added));
    larger.set(this.units.subarray(0, this.gapStart));
    larger.set(this.units.subarray(this.gapEnd), larger.length - tail);
    this.units = larger;
    this.gapEnd = larger.length - tail;
  }
}

export function replay(edits) {
  const buffer = new GapBuffer();
  const { positions, deletes, inserts } = edits;
  for (let i = 0; i < positions.length; ++i) buffer.splice(positions[i], deletes[i], inserts[i]);
  return buffer;
}
