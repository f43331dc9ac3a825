import type { Adapter } from '../../adapters/adapter.ts'
import { WarehouseError } from '../../adapters/warehouse-error.ts'
import { ProblemError, problem } from '../../diagnostics/problem.ts'
import type { CatalogColumn } from '../../ir/catalog.ts'
import { compiledProject } from '../compiled-project.ts'
import { reportProblems } from '../failure.ts'
import { type CommandBody, exitCode } from '../invocation.ts'
import { openConfig, openProject, withAdapter } from '../project.ts'
import { type RowFormat, renderRows } from '../render-rows.ts'
import { definitionAs } from '../shown-definition.ts'
import { type Compiled, type Shown, selectOf } from '../shown-relation.ts'
import { UsageError } from '../usage-error.ts'
import { withTable } from '../with-sync-state.ts'

const formats: readonly RowFormat[] = ['table', 'json', 'csv']

export const show: CommandBody = async (invocation) => {
  const { options, output, signal } = invocation
  const [name] = invocation.arguments
  if ((name === undefined) === (options.inline === undefined) || options.inline?.trim() === '') {
    throw new UsageError(
      name === undefined ? 'nothing to show' : 'a name and --inline cannot be given together',
      'for example `personas show profile_traits`, or `personas show --inline "select 1 as one"`',
    )
  }
  if (options.as !== undefined) {
    if (name === undefined) {
      throw new UsageError(
        '--as shows a definition, not a query',
        'for example `personas show vip --as yaml`',
      )
    }
    output.result(
      definitionAs(name, options.as === 'query' ? 'query' : 'yaml', openProject(invocation).definitions),
    )
    return exitCode.done
  }
  const config = openConfig(invocation)
  const format = formats.find((each) => each === options.output) ?? 'table'
  const rows = async (adapter: Adapter, compiled: () => Promise<Compiled>): Promise<void> => {
    signal.addEventListener('abort', () => void adapter.cancel(), { once: true })
    const { select, preview }: Shown =
      name === undefined
        ? { select: inlineSelect(options.inline ?? '') }
        : await selectOf(name, config, adapter, compiled)
    const columns = (await described(adapter, select, name)).map((column) => column.name)
    // One more than is shown tells whether there are more.
    const found = await adapter.query(limited(select, options.limit === 0 ? 0 : options.limit + 1))
    const shown = options.limit === 0 ? found : found.slice(0, options.limit)
    output.result(renderRows(format, columns, shown))
    if (preview !== undefined && shown.length > 0 && shown.every((row) => row[preview.mark] === 'unknown')) {
      const { name: trait, key } = preview
      reportProblems([problem('PSN5024', { trait, key })], output, config.projectDir)
    }
    if (found.length > shown.length) {
      output.log(
        'more',
        `${shown.length === 1 ? 'the first row' : `the first ${shown.length} rows`}; all of them with --limit 0`,
        { rows: shown.length },
      )
    }
  }
  await withAdapter(config, (warehouse) => {
    const compiled = async (): Promise<Compiled> => {
      const project = openProject(invocation)
      return { ...project, manifest: await compiledProject(invocation, project, warehouse) }
    }
    return withTable(config, name ?? '', warehouse, (adapter) => rows(adapter, compiled))
  })
  return exitCode.done
}

/** Where the select came from the command line, so does what is wrong with it. */
async function described(
  adapter: Adapter,
  select: string,
  name: string | undefined,
): Promise<readonly CatalogColumn[]> {
  try {
    return await adapter.describe(select)
  } catch (error) {
    if (name !== undefined || !(error instanceof WarehouseError) || error.code !== 'PSN4000') throw error
    throw new ProblemError([problem('PSN5019', { reason: error.message })], { cause: error })
  }
}

/** Without the semicolon people end a query with. */
function inlineSelect(sql: string): string {
  return sql.trim().replace(/;+$/, '')
}

function limited(select: string, rows: number): string {
  return rows === 0 ? select : `select * from (\n${select}\n) as shown limit ${rows}`
}
