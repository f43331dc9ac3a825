import type { Adapter } from '../../adapters/adapter.ts'
import { suppressionStatements } from '../../compiler/serving/suppressions.ts'
import type { Project } from '../../definitions/load-project.ts'
import { nearest } from '../../diagnostics/nearest.ts'
import { openStore } from '../../serve/store/open-store.ts'
import type { Identifier, ProfileStore } from '../../serve/store/store.ts'
import { type CommandBody, exitCode, type Invocation } from '../invocation.ts'
import { openProject, withFreeAdapter } from '../project.ts'
import { UsageError } from '../usage-error.ts'

/** The store goes first: from then on nobody is told of the person, whatever the warehouse says. */
export const suppress: CommandBody = async (invocation) => {
  const { identifier, written } = await given(invocation)
  return change(invocation, async (store, warehouse, schema) => {
    const ids = await store.suppress(identifier)
    await write(warehouse, suppressionStatements(warehouse.dialect, schema, identifier).begin)
    const found = ids.length === 0 ? 'nobody served has it now' : `${ids.join(', ')} served no more`
    invocation.output.result(`${written} is suppressed: ${found}`)
  })
}

export const unsuppress: CommandBody = async (invocation) => {
  const { identifier, written } = await given(invocation)
  return change(invocation, async (store, warehouse, schema) => {
    await write(warehouse, suppressionStatements(warehouse.dialect, schema, identifier).end)
    const was = await store.unsuppress(identifier)
    invocation.output.result(
      was ? `${written} is served again from the next publish on` : `${written} was not suppressed`,
    )
  })
}

async function change(
  invocation: Invocation,
  use: (store: ProfileStore, warehouse: Adapter, schema: string) => Promise<void>,
): Promise<number> {
  const { config } = openProject(invocation)
  const store = await openStore(config.serving.store)
  try {
    await withFreeAdapter(invocation, config, (warehouse) => use(store, warehouse, config.target.schema))
  } finally {
    await store.close()
  }
  return exitCode.done
}

async function write(
  warehouse: Adapter,
  statements: {
    readonly before: readonly string[]
    readonly together: readonly string[]
  },
): Promise<void> {
  for (const sql of statements.before) await warehouse.execute(sql)
  await warehouse.transaction(statements.together)
}

/** @throws {UsageError} no identifier, or one of a type that the project does not have */
async function given(invocation: Invocation): Promise<{ identifier: Identifier; written: string }> {
  const [written = ''] = invocation.arguments
  const colon = written.indexOf(':')
  const type = written.slice(0, Math.max(colon, 0))
  const value = written.slice(colon + 1)
  const example = `for example ${invocation.command} email:ann@example.org`
  if (colon < 1 || value === '')
    throw new UsageError(`an identifier is type:value, not \`${written}\``, example)
  const types = typesOf(openProject(invocation))
  if (!types.includes(type)) {
    const near = nearest(type, types)
    throw new UsageError(
      `\`${type}\` is no type of identifier of this project`,
      near === undefined ? `there are ${types.join(', ')}` : `did you mean \`${near}\`?`,
    )
  }
  return { identifier: { type, value }, written }
}

function typesOf({ definitions }: Project): readonly string[] {
  return definitions.identity.identifiers.map(({ type }) => type).filter((type) => type !== 'group_id')
}
