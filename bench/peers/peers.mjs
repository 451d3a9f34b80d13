#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { prepare } from './prepare.mjs';
import { medians, parseFigures, renderTable } from './table.mjs';
import { BadInput, readTrace } from './trace.mjs';

const usage =
  'usage: node peers.mjs [--runs N] [--limit SECONDS] [--libraries NAME,...] [--sangam PROGRAM] [--json] FILE...';
const here = fileURLToPath(new URL('.', import.meta.url));
const libraries = {
  yjs: { package: 'yjs', module: 'yjs' },
  loro: { package: 'loro-crdt', module: 'loro' },
  automerge: { package: '@automerge/automerge', module: 'automerge' },
  'json-joy': { package: 'json-joy', module: 'json_joy' },
  'diamond-types': { package: 'diamond-types-node', module: 'diamond_types' },
};
const benchesOf = {
  local: ['text_local'],
  remote: ['text_remote'],
  live: ['text_live'],
  stored: ['text_save', 'text_load'],
};

function readCommandLine() {
  let parsed;
  try {
    parsed = parseArgs({
      allowPositionals: true,
      options: {
        runs: { type: 'string', default: '3' },
        limit: { type: 'string', default: '120' },
        libraries: { type: 'string', default: Object.keys(libraries).join() },
        sangam: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new BadInput(`${error.message}\n${usage}`);
  }
  const { values, positionals: files } = parsed;
  const [runs, limit] = ['runs', 'limit'].map((name) => {
    if (!/^[1-9]\d{0,5}$/.test(values[name])) throw new BadInput(`--${name} must be a whole number from 1 on\n${usage}`);
    return Number(values[name]);
  });
  const chosen = values.libraries.split(',');
  for (const name of chosen) {
    if (!Object.hasOwn(libraries, name)) {
      throw new BadInput(`--libraries: no ${name}; there are ${Object.keys(libraries).join(', ')}`);
    }
  }
  if (files.length === 0) throw new BadInput(usage);
  if (values.sangam !== undefined) {
    try {
      accessSync(values.sangam, constants.X_OK);
    } catch {
      throw new BadInput(`--sangam: ${values.sangam} is not a program`);
    }
  }
  if (!existsSync(join(here, 'node_modules'))) throw new BadInput(`the libraries are not here: run npm ci in ${here}`);
  return { runs, limit, chosen, files, sangam: values.sangam, json: values.json };
}

const label = (name) => {
  const manifest = join(here, 'node_modules', libraries[name].package, 'package.json');
  return `${name} ${JSON.parse(readFileSync(manifest, 'utf8')).version}`;
};

// The whole measurement, its preparation included, has the time limit.
function measure({ module, measurement, file, limit }) {
  const child = spawnSync(process.execPath, [join(here, 'measure.mjs'), module, measurement, file], {
    encoding: 'utf8',
    timeout: 1000 * limit,
    killSignal: 'SIGKILL',
    maxBuffer: 1 << 26,
  });
  if (child.error?.code === 'ETIMEDOUT') {
    return { problem: `${child.stdout.includes('prepared') ? 'over' : 'not prepared in'} ${limit} s` };
  }
  try {
    return JSON.parse(child.stdout.split('\n').at(-1));
  } catch {
    process.stderr.write(child.stderr);
    return { problem: `failed: ${child.signal ?? `exit code ${child.status}`}` };
  }
}

function runSangam({ sangam, files, limit }) {
  const child = spawnSync(sangam, ['--json', ...files], {
    encoding: 'utf8',
    timeout: 1000 * limit * files.length,
    killSignal: 'SIGKILL',
    maxBuffer: 1 << 26,
  });
  const { figures, others } = parseFigures(child.stdout ?? '', 'sangam');
  if (others > 0) process.stderr.write(`${sangam}: ${others} lines are no figures\n`);
  if (child.error || child.status !== 0) {
    process.stderr.write(`${sangam}: ${child.error?.message ?? child.signal ?? `exit code ${child.status}`}\n`);
    process.stderr.write(child.stderr ?? '');
  }
  return figures;
}

function measureAll({ runs, limit, chosen, files, sangam }, traces) {
  const figures = [];
  const hopeless = new Set();
  const add = (trace, library, module, measurement) => {
    const title = `${trace.name} ${library} ${measurement}`;
    if (hopeless.has(title)) return;
    process.stderr.write(`${title}\n`);
    const { figures: measured, problem } = measure({ module, measurement, file: trace.prepared, limit });
    if (problem) hopeless.add(title);
    const found = problem ? benchesOf[measurement].map((bench) => ({ bench, problem })) : measured;
    figures.push(...found.map((figure) => ({ library, case: trace.name, ...figure })));
  };
  for (let run = 1; run <= runs; ++run) {
    process.stderr.write(`run ${run} of ${runs}\n`);
    for (const trace of traces) {
      add(trace, 'gap buffer', 'gap_buffer', 'local');
      for (const measurement of Object.keys(benchesOf)) {
        if (measurement === 'live' && !trace.concurrent) continue;
        for (const name of chosen) add(trace, label(name), libraries[name].module, measurement);
      }
    }
    if (sangam) figures.push(...runSangam({ sangam, files, limit }));
  }
  return medians(figures);
}

async function main() {
  const options = readCommandLine();
  const folder = mkdtempSync(join(tmpdir(), 'sangam-peers-'));
  try {
    const traces = [];
    for (const [index, file] of options.files.entries()) {
      const history = await prepare(readTrace(file));
      if (traces.some(({ name }) => name === history.name)) throw new BadInput(`two histories are named ${history.name}`);
      const prepared = join(folder, `${index}.json`);
      writeFileSync(prepared, JSON.stringify(history));
      traces.push({ name: history.name, concurrent: history.concurrent, prepared });
    }
    const figures = measureAll(options, traces);
    if (options.json) for (const figure of figures) console.log(JSON.stringify(figure));
    else {
      console.log(renderTable(figures));
      console.log('\nns an edit (times the gap buffer in the same process; sangam: as its program says)');
    }
    return figures.some(({ problem }) => /^(wrong|failed)/.test(problem)) ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

main().then(
  (code) => (process.exitCode = code),
  (error) => {
    if (!(error instanceof BadInput)) throw error;
    console.error(`peers: ${error.message}`);
    process.exitCode = 2;
  },
);
