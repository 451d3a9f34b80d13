import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing, plan } from '../plan.mjs';

const transaction = (agent, ...parents) => ({ agent, parents, patches: [[0, 0, 'x']] });

test('plan: a writer receives exactly what its document lacks of the parents', () => {
  const steps = plan([transaction(7), transaction(8, 0), transaction(7, 0), transaction(8, 1, 2)]);
  assert.deepEqual(
    steps.map(({ writer, receive }) => [writer, receive]),
    [[0, []], [1, [0]], [0, []], [1, [2]]],
  );
  assert.deepEqual(steps[3], { writer: 1, receive: [2], first: 3, last: 4 });
  assert.deepEqual(missing(steps, 0), [1, 3]);
  assert.deepEqual(missing(steps, 1), []);
});

test('plan: an author who goes back to an older state becomes another writer', () => {
  const steps = plan([transaction(0), transaction(0, 0), transaction(0, 0), transaction(0, 1, 2)]);
  assert.deepEqual(
    steps.map(({ writer, receive }) => [writer, receive]),
    [[0, []], [0, []], [1, [0]], [0, [2]]],
  );
});
