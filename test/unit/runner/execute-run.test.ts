import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Adapter } from '../../../src/adapters/adapter.ts'
import type { CompiledNode } from '../../../src/ir/node.ts'
import { relation } from '../../../src/ir/relation.ts'
import { type ExecuteRun, executeRun, SchemaLockedError } from '../../../src/runner/execute-run.ts'
import type { NodeEvent } from '../../../src/runner/node-result.ts'
import { openMemory } from './open-memory.ts'
import { node, sql } from './sample-nodes.ts'

let adapter: Adapter
beforeEach(async () => {
  adapter = await openMemory()
})
afterEach(() => adapter.close())

/** A node that writes a table of three rows, or fails. */
function writes(name: string, dependsOn: readonly string[], failing = false): CompiledNode {
  const table = `personas_work.${name}`
  const select = failing ? 'select no_such_column' : 'select range as n from range(3)'
  return node('trait', name, dependsOn, {
    relation: relation('personas_work', name),
    steps: [sql(`create or replace table ${table} as ${select}`)],
  })
}

const publish = (dependsOn: readonly string[]): CompiledNode =>
  node('publish', 'publish', dependsOn, {
    steps: [
      sql('create table if not exists personas.result (run_id text)'),
      {
        kind: 'transaction',
        name: 'publish',
        body: [
          { kind: 'statement', name: 'x', sql: 'delete from personas.result' },
          {
            kind: 'statement',
            name: 'x',
            sql: 'insert into personas.result select run_id from personas_work.run',
          },
        ],
      },
    ],
  })

function runOf(nodes: readonly CompiledNode[], more: Partial<ExecuteRun> = {}): ExecuteRun {
  return {
    adapter,
    schema: 'personas',
    workSchema: 'personas_work',
    nodes,
    selected: new Set(nodes.map(({ id }) => id)),
    threads: 2,
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
    ...more,
  }
}

const all = async (table: string) => adapter.query(`select * from personas.${table} order by 1, 2`)
const published = async () =>
  (await adapter.query('select run_id from personas.result')).map((row) => row.run_id)

describe('a run', () => {
  test('runs nodes after what they read, counts rows, and logs itself', async () => {
    const nodes = [
      node('source', 'web'),
      writes('a', ['source.web']),
      writes('b', ['trait.a']),
      publish(['trait.a', 'trait.b']),
    ]
    const order: string[] = []
    const report = (event: NodeEvent) => {
      if (event.kind !== 'round')
        order.push(`${event.kind} ${event.kind === 'ended' ? event.result.nodeId : event.nodeId}`)
    }
    const record = await executeRun(runOf(nodes, { report }))
    expect(order).toEqual(
      ['trait.a', 'trait.b', 'publish.publish'].flatMap((id) => [`started ${id}`, `ended ${id}`]),
    )
    expect(record).toMatchObject({ status: 'success' })
    expect(await published()).toEqual(['r1'])
    expect(await adapter.query('select run_id, as_of from personas_work.run')).toEqual([
      { run_id: 'r1', as_of: '2026-06-01T00:00:00Z' },
    ])
    expect(await all('runs')).toMatchObject([
      {
        run_id: 'r1',
        command: 'run',
        status: 'success',
        target: 'memory',
        project: 'test',
        nodes: 3n,
        errors: 0n,
      },
    ])
    expect(await all('run_nodes')).toMatchObject([
      { node_id: 'publish.publish', status: 'success', rows: null },
      { node_id: 'trait.a', status: 'success', rows: 3n, message: null },
      { node_id: 'trait.b', status: 'success', rows: 3n },
    ])
  })

  test('a failed node skips what reads it, and nothing is published; others still run', async () => {
    await executeRun(runOf([publish([])], { runId: 'good' }))
    const nodes = [
      writes('bad', [], true),
      writes('after', ['trait.bad']),
      writes('last', ['trait.after']),
      writes('other', []),
      publish(['trait.last', 'trait.other']),
    ]
    const record = await executeRun(runOf(nodes))
    expect(record.status).toBe('error')
    expect(Object.fromEntries(record.results.map(({ nodeId, status }) => [nodeId, status]))).toEqual({
      'trait.bad': 'error',
      'trait.after': 'skipped',
      'trait.last': 'skipped',
      'trait.other': 'success',
      'publish.publish': 'skipped',
    })
    expect(record.results.find(({ nodeId }) => nodeId === 'trait.bad')?.message).toContain('no_such_column')
    expect(await published()).toEqual(['good'])
    expect((await all('runs')).map(({ run_id, status, errors }) => [run_id, status, errors])).toEqual([
      ['good', 'success', 0n],
      ['r1', 'error', 1n],
    ])
  })

  test('a failure reaches through nodes that are not selected', async () => {
    const nodes = [
      writes('bad', [], true),
      writes('between', ['trait.bad']),
      writes('end', ['trait.between']),
    ]
    const record = await executeRun(runOf(nodes, { selected: new Set(['trait.bad', 'trait.end']) }))
    expect(record.results.map(({ nodeId, status }) => [nodeId, status])).toEqual([
      ['trait.bad', 'error'],
      ['trait.end', 'skipped'],
    ])
  })

  test('never more nodes side by side than threads', async () => {
    let running = 0
    let most = 0
    const report = (event: NodeEvent) => {
      if (event.kind === 'started') running += 1
      if (event.kind === 'ended') running -= 1
      most = Math.max(most, running)
    }
    const nodes = ['a', 'b', 'c', 'd', 'e'].map((name) => writes(name, []))
    await executeRun(runOf(nodes, { report }))
    expect(most).toBe(2)
  })

  test('a stop cancels what runs, starts nothing more and leaves public tables alone', async () => {
    await executeRun(runOf([publish([])], { runId: 'good' }))
    const endless = node('trait', 'endless', [], {
      steps: [
        sql('create table personas_work.endless as select count(*) as n from range(100000000000) as a'),
      ],
    })
    const controller = new AbortController()
    const report = (event: NodeEvent) => {
      if (event.kind === 'started') setTimeout(() => controller.abort(new Error('stopped by test')), 50)
    }
    const started = performance.now()
    const record = await executeRun(
      runOf([endless, publish(['trait.endless'])], { signal: controller.signal, report }),
    )
    expect(performance.now() - started).toBeLessThan(5000)
    expect(record.status).toBe('cancelled')
    expect(record.results.map(({ nodeId, status }) => [nodeId, status])).toEqual([
      ['trait.endless', 'cancelled'],
      ['publish.publish', 'cancelled'],
    ])
    expect(await published()).toEqual(['good'])
    expect((await all('runs')).map(({ status }) => status)).toContain('cancelled')
  })

  test('one run a schema: the second stops, or waits as long as it is told', async () => {
    const lock = await adapter.tryLock('personas')
    await expect(executeRun(runOf([]))).rejects.toThrow(SchemaLockedError)
    let waited = 0
    const waiting = () => {
      waited += 1
      void lock?.release()
    }
    const record = await executeRun(runOf([publish([])], { lockTimeoutSeconds: 5, waiting }))
    expect([waited, record.status]).toEqual([1, 'success'])
    await executeRun(runOf([publish([])]))
  })

  test.each(['started', 'ended'] as const)(
    'a lock that is lost when the last node has %s cancels nothing that comes after the run',
    async (when) => {
      const lost = new AbortController()
      let over = false
      let late = 0
      Object.assign(adapter, {
        tryLock: async () => ({ lost: lost.signal, release: async () => {} }),
        // As slow as a server that is just coming up.
        async cancel() {
          await delay(100)
          if (over) late += 1
        },
      })
      const report = (event: NodeEvent) => {
        if (event.kind === when) setImmediate(() => lost.abort(new Error('lost by test')))
      }
      await executeRun(runOf([writes('bad', [], true)], { report }))
      over = true
      await delay(600)
      expect([lost.signal.aborted, late]).toEqual([true, 0])
    },
  )

  test('a run that cannot be logged says how it ended all the same', async () => {
    await adapter.execute('create schema personas')
    await adapter.execute('create view personas.runs as select 1 as run_id')
    const record = await executeRun(runOf([writes('bad', [], true), publish(['trait.bad'])]))
    expect(record.status).toBe('error')
    expect(record.results.map(({ nodeId }) => nodeId)).toEqual(['trait.bad', 'publish.publish'])
    expect(record.problems).toMatchObject([
      {
        code: 'PSN5030',
        severity: 'warning',
        message: expect.stringMatching(/^run r1 is not in `personas\.runs`: /),
      },
    ])
  })
})
