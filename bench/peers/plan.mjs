// Who writes each transaction of a history, and which earlier transactions the writer must receive
// before, so that its document stands exactly at the transaction's parents.
//
// A writer is an author. An author whose transactions do not all know the earlier ones (long-lived
// branches) becomes several writers, because one document cannot forget what it has.
//
// Returns [{writer, receive: [step...], first, last}]: the edits first..last-1 of the history.
export function plan(transactions) {
  const writers = []; // {steps: [step...], knows}
  const writersOfAgent = new Map();
  // knownAfter[step][writer]: how many of that writer's steps are in the document after the step.
  const knownAfter = [];
  let edits = 0;

  return transactions.map(({ parents, agent, patches }, step) => {
    const known = [];
    for (const parent of parents) {
      knownAfter[parent].forEach((count, writer) => {
        known[writer] = Math.max(known[writer] ?? 0, count);
      });
    }

    if (!writersOfAgent.has(agent)) writersOfAgent.set(agent, []);
    const candidates = writersOfAgent.get(agent);
    let id = candidates.find((candidate) => (known[candidate] ?? 0) === writers[candidate].steps.length);
    if (id === undefined) {
      id = writers.push({ steps: [], knows: [] }) - 1;
      candidates.push(id);
    }

    const writer = writers[id];
    const receive = [];
    known.forEach((count, other) => {
      if (other !== id) receive.push(...writers[other].steps.slice(writer.knows[other] ?? 0, count));
    });
    receive.sort((a, b) => a - b);

    writer.steps.push(step);
    known[id] = writer.steps.length;
    writer.knows = known;
    knownAfter.push(known);
    edits += patches.length;
    return { writer: id, receive, first: edits - patches.length, last: edits };
  });
}

// The steps that a writer's document lacks at the end.
export function missing(steps, writer) {
  const has = new Set();
  steps.forEach((step, index) => {
    if (step.writer !== writer) return;
    has.add(index);
    for (const received of step.receive) has.add(received);
  });
  return steps.map((_, index) => index).filter((index) => !has.has(index));
}
