// The child process: one measurement of one library over one prepared history. The last line that it prints is a
// JSON object, {figures: [...]} or {problem: "..."}; a line before it says that the clock starts.
import { readFileSync, writeSync } from 'node:fs';
import { replay as replayGapBuffer } from './gap_buffer.mjs';
import { median } from './median.mjs';
import { missing } from './plan.mjs';

const samplesMax = 6;
const samplingMsMax = 5_000;

class Problem extends Error {}

const [, , libraryName, measurement, file] = process.argv;
const history = JSON.parse(readFileSync(file, 'utf8'));
const library = await import(`./libraries/${libraryName}.mjs`);
const flat = history.flat[library.positions];
const edits = history.edits[library.positions];

const timed = (run) => {
  const start = performance.now();
  const value = run();
  return [performance.now() - start, value];
};

function check(text, endText = history.endText) {
  if (endText !== null && text !== endText) throw new Problem('wrong text');
}

// Times `run` several times, each between replays of the gap buffer, because the machine's speed wanders.
// The first sample warms up the compiler and counts only when there is no time for another.
// `prepare` makes what `run` uses up; `finish` checks and frees it. The clock sees neither.
function sample(prepare, run, finish) {
  writeSync(1, 'prepared\n');
  const baseline = [];
  const addBaseline = () => {
    for (let i = 0; i < 3; ++i) baseline.push(timed(() => replayGapBuffer(history.flat.utf16))[0]);
  };
  for (let i = 0; i < 5; ++i) replayGapBuffer(history.flat.utf16);

  const samples = [];
  const start = performance.now();
  while (samples.length < samplesMax) {
    const input = prepare();
    addBaseline();
    const [ms, output] = timed(() => run(input));
    addBaseline();
    samples.push(ms);
    finish(output, input);
    if (performance.now() - start > samplingMsMax) break;
  }
  return { ms: median(samples.slice(samples.length > 1 ? 1 : 0)), baselineMs: median(baseline) };
}

function figure(bench, { ms, baselineMs }, editCount, more = {}) {
  const perEdit = (1e6 * ms) / editCount;
  const baselinePerEdit = (1e6 * baselineMs) / flat.positions.length;
  return { bench, ns_per_edit: perEdit, ratio_to_gap_buffer: perEdit / baselinePerEdit, ms, ...more };
}

function needEdits() {
  if (!edits) throw new Problem('left out: needs UTF-16 positions');
}

// Replays by authors. A message an edit for the measurement of a receiver, else a message a transaction.
function replayByAuthors(messagePerEdit) {
  const documents = [];
  const messages = [];
  for (const { writer, receive, first, last } of history.steps) {
    const document = (documents[writer] ??= library.create(writer));
    if (receive.length > 0) library.receive(document, receive.flatMap((step) => messages[step]));
    const sent = [];
    if (messagePerEdit) for (let i = first; i < last; ++i) sent.push(library.write(document, edits, i, i + 1));
    else sent.push(library.write(document, edits, first, last));
    messages.push(sent);
  }
  return { documents, messages };
}

const reader = () => library.create(history.steps.length);

function local() {
  const result = sample(
    () => library.create(0),
    (document) => library.replay(document, flat),
    (_, document) => {
      check(library.text(document), history.flat.endText);
      library.release(document);
    },
  );
  return [figure('text_local', result, flat.positions.length)];
}

// What all authors end with must be what a reader ends with; the first and the last author stand for all.
function checkAuthors({ documents, messages }) {
  const texts = [history.steps[0], history.steps.at(-1)].map(({ writer }) => {
    const lacks = missing(history.steps, writer).flatMap((step) => messages[step]);
    if (lacks.length > 0) library.receive(documents[writer], lacks);
    return library.text(documents[writer]);
  });
  texts.forEach((text) => check(text));
  if (texts[0] !== texts[1]) throw new Problem('wrong: replicas differ');
  return texts[0];
}

function remote() {
  needEdits();
  const authors = replayByAuthors(true);
  const endText = checkAuthors(authors);
  authors.documents.forEach((document) => document && library.release(document));
  const messages = authors.messages.flat().map((message) => [message]);
  const result = sample(
    reader,
    (document) => {
      for (const message of messages) library.receive(document, message);
    },
    (_, document) => {
      check(library.text(document), endText);
      library.release(document);
    },
  );
  return [figure('text_remote', result, edits.positions.length)];
}

function live() {
  needEdits();
  const result = sample(
    () => {},
    () => replayByAuthors(false),
    (authors) => {
      checkAuthors(authors);
      authors.documents.forEach((document) => document && library.release(document));
    },
  );
  return [figure('text_live', result, edits.positions.length)];
}

function stored() {
  let build = () => {
    const document = library.create(0);
    library.replay(document, flat);
    return document;
  };
  if (history.concurrent) {
    needEdits();
    const messages = replayByAuthors(false).messages.flat();
    build = () => {
      const document = reader();
      library.receive(document, messages);
      return document;
    };
  }
  let bytes;
  let endText;
  const saved = sample(build, library.save, (output, document) => {
    bytes = output;
    endText = library.text(document);
    check(endText);
    library.release(document);
  });
  const loaded = sample(
    () => {},
    () => {
      const document = library.open(bytes);
      return { document, text: library.text(document) };
    },
    ({ document, text }) => {
      check(text, endText);
      library.release(document);
    },
  );
  const editCount = edits.positions.length;
  return [
    figure('text_save', saved, editCount, { bytes: bytes.length }),
    figure('text_load', loaded, editCount, { bytes: bytes.length }),
  ];
}

let answer;
try {
  answer = { figures: { local, remote, live, stored }[measurement]() };
} catch (error) {
  // wasm throws plain strings.
  const message = String(error?.message ?? error).split('\n')[0];
  answer = { problem: error instanceof Problem ? message : `failed: ${message.slice(0, 60)}` };
}
writeSync(1, JSON.stringify(answer));
