import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Adapter } from '../../../src/adapters/adapter.ts'
import type { CompiledNode } from '../../../src/ir/node.ts'
import { executeRun } from '../../../src/runner/execute-run.ts'
import { nodeProblem } from '../../../src/runner/node-problem.ts'
import { openMemory } from './open-memory.ts'
import { node } from './sample-nodes.ts'

let adapter: Adapter
beforeEach(async () => {
  adapter = await openMemory()
})
afterEach(() => adapter.close())

/** What is said of a node once it has run. */
async function problemOf(failing: CompiledNode) {
  const { results } = await executeRun({
    adapter,
    schema: 'personas',
    workSchema: 'personas_work',
    nodes: [failing],
    selected: new Set([failing.id]),
    threads: 1,
    runId: 'r1',
    command: 'run',
    asOf: '2026-06-01T00:00:00.000Z',
    fullRefresh: false,
    target: 'memory',
    project: 'test',
    version: '0.0.0',
    definitionsHash: '0',
    lockTimeoutSeconds: 0,
    signal: new AbortController().signal,
    report: () => {},
    waiting: () => {},
  })
  const result = results.find(({ nodeId }) => nodeId === failing.id)
  if (result === undefined) throw new Error('it did not run')
  return nodeProblem(failing, result, 'target/compiled/x.sql')
}

test('a loop that does not end is a bug, and names the file to report', async () => {
  const found = await problemOf(
    node('identity', 'profiles', [], {
      steps: [{ kind: 'repeat', name: 'rounds', until: 'select 3 as remaining', bound: 'linear', body: [] }],
    }),
  )
  expect(found).toMatchObject({
    code: 'PSN5003',
    message: '`identity.profiles` did not come to an end: `rounds` is not done after 3 rounds, 3 remaining',
    hint: expect.stringMatching(/bug of personas: please report it with target\/compiled\/x\.sql/),
  })
})
