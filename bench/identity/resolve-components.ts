import { componentSteps } from '../../src/identity/components.ts'
import { identityContext } from '../../src/identity/context.ts'
import { identityWriter } from '../../src/identity/statements.ts'
import { identityRelation } from '../../src/identity/tables.ts'
import { runSteps } from '../../src/runner/run-steps.ts'
import { oneNumber, openBeside, runAll, signature, workSchema } from './database.ts'
import { type Measurement, measure } from './measurement.ts'
import { openNative } from './native.ts'
import { giveRun, identityTemplates } from './resolve-identity.ts'
import { limits } from './rules.ts'
import { unionFind } from './union-find.ts'

export interface Graph {
  /** A database with `edges(left_id, right_id)`. */
  readonly file: string
  /** All are below it. */
  readonly nodes: number
}

export interface Components extends Measurement {
  /** Of each node but the smallest of its component, with that one. */
  readonly signature: string
}

/** The product's own steps. */
export async function componentsByProduct({
  file,
}: Graph): Promise<Components & { readonly rounds: number; readonly jumps: number }> {
  const adapter = await openBeside(file)
  const { dialect } = adapter
  const context = identityContext(limits.usual.rules, limits.usual.hardLimits, dialect, workSchema)
  const writer = identityWriter(context, dialect, identityTemplates(), workSchema)
  await giveRun(adapter, 'run_1')
  await runAll(
    adapter,
    dialect.createTableAs(identityRelation(workSchema, 'edges'), 'select * from given.edges'),
  )
  const steps = [...writer.table('rounds', 'no-rounds'), ...componentSteps(writer)]
  let jumps = 0
  const { measurement } = await measure(() =>
    runSteps(adapter, steps, (event) => {
      if (event.kind === 'round' && event.step === 'follow hooks') jumps += 1
    }),
  )
  const rounds = await oneNumber(
    adapter,
    `select count(*) from ${context.tables.rounds} where loop_name = 'contract edges'`,
  )
  const led = `(select * from ${context.tables.parents} where parent <> node)`
  const answer = await signature(adapter, led, ['node', 'parent'])
  return { ...measurement, rounds, jumps, signature: answer }
}

/** The loop that is usual in SQL: every node takes the smallest label around it until none changes. */
export async function componentsByLabels({ file }: Graph): Promise<Components & { readonly rounds: number }> {
  const adapter = await openBeside(file)
  await runAll(adapter, ['create table edges as select * from given.edges'])
  let rounds = 0
  const { measurement } = await measure(async () => {
    await runAll(adapter, [
      `create table neighbours as
      select left_id as node, right_id as neighbour from edges
      union all
      select right_id as node, left_id as neighbour from edges`,
      'create table labels as select node, min(least(node, neighbour)) as label from neighbours group by node',
    ])
    for (let changed = 1; changed > 0; rounds += 1) {
      await adapter.execute(
        `create or replace table next_labels as
        select node, min(label) as label
        from (
          select neighbours.node, labels.label
          from neighbours
          inner join labels on labels.node = neighbours.neighbour
          union all
          select node, label from labels
        )
        group by node`,
      )
      changed = await oneNumber(
        adapter,
        `select count(*)
        from next_labels
        inner join labels on labels.node = next_labels.node
        where labels.label <> next_labels.label`,
      )
      await runAll(adapter, ['drop table labels', 'alter table next_labels rename to labels'])
    }
  })
  const answer = await signature(adapter, '(select * from labels where label <> node)', ['node', 'label'])
  return { ...measurement, rounds, signature: answer }
}

/** A union-find over arrays in this process; `read` brought the edges into them. */
export async function componentsByUnionFind({
  file,
  nodes,
}: Graph): Promise<Components & { readonly read: Measurement }> {
  const native = await openNative(file)
  const edges = await oneNumber(native, 'select count(*) from given.edges')
  const [left, right] = [new Int32Array(edges), new Int32Array(edges)]
  const reading = await measure(async () => {
    let edge = 0
    await native.forEachChunk(
      'select cast(left_id as integer), cast(right_id as integer) from given.edges',
      ([lefts, rights], rows) => {
        for (let row = 0; row < rows; row += 1) {
          left[edge] = Number(lefts?.getItem(row))
          right[edge] = Number(rights?.getItem(row))
          edge += 1
        }
      },
    )
  })
  const { measurement, result } = await measure(() => unionFind(nodes, left, right))
  await native.connection.run('create table labels (node bigint, label bigint)')
  const appender = await native.connection.createAppender('labels')
  result.forEach((label, node) => {
    if (label === node) return
    appender.appendBigInt(BigInt(node))
    appender.appendBigInt(BigInt(label))
    appender.endRow()
  })
  appender.closeSync()
  const answer = await signature(native, 'labels', ['node', 'label'])
  return { ...measurement, read: reading.measurement, signature: answer }
}
