import { join, relative } from 'node:path'
import type { Adapter } from '../../adapters/adapter.ts'
import type { Config, Target } from '../../config/config.ts'
import { type Problem, ProblemError, problem } from '../../diagnostics/problem.ts'
import { relation } from '../../ir/relation.ts'
import { reportProblems } from '../failure.ts'
import { type CommandBody, exitCode } from '../invocation.ts'
import { openConfig, withAdapter } from '../project.ts'
import { personasVersion } from '../version.ts'

export const debug: CommandBody = async (invocation) => {
  const { output } = invocation
  const line = (label: string, text: string): void => output.result(`${`${label}:`.padEnd(14)}${text}`)
  line('personas', personasVersion())
  line('node', process.versions.node)
  line('platform', `${process.platform} ${process.arch}`)
  const config = openConfig(invocation)
  line('project', config.name)
  line('config', relative(process.cwd(), join(config.projectDir, 'personas.config.yaml')))
  line('target', `${config.target.name}, one of ${config.targetNames.join(', ')}`)
  for (const [label, text] of describeTarget(config.target)) line(label, text)
  const problems = await withAdapter(config, async (adapter) => {
    line('engine', await adapter.version())
    line('connection', 'ok')
    return checkSchemas(config, adapter, line)
  })
  reportProblems(problems, output, config.projectDir)
  return problems.length === 0 ? exitCode.done : exitCode.problems
}

/** What may be printed of a target: never a password, nor a URL that may hold one. */
function describeTarget(target: Target): readonly (readonly [string, string])[] {
  const common = [
    ['schema', target.schema],
    ['work schema', target.workSchema],
    ['threads', String(target.threads)],
  ] as const
  switch (target.type) {
    case 'duckdb':
      return [['type', 'duckdb'], ['path', target.path], ...common]
    case 'postgres':
      return [['type', 'postgres'], ...addressOf(target), ...common]
    case 'snowflake':
      return [['type', 'snowflake'], ...placeOf(target), ...common]
    case 'bigquery':
      return [['type', target.type], ...common]
  }
}

function placeOf({
  settings,
}: Extract<Target, { type: 'snowflake' }>): readonly (readonly [string, string])[] {
  const { account, username, role, warehouse, database } = settings
  return [
    ['account', account],
    ['user', username],
    ['role', role ?? "the user's default"],
    ['warehouse', warehouse],
    ['database', database],
  ]
}

function addressOf(target: Extract<Target, { type: 'postgres' }>): readonly (readonly [string, string])[] {
  const url = target.url !== undefined && URL.canParse(target.url) ? new URL(target.url) : undefined
  const host = url?.hostname ?? target.host
  const port = url?.port || target.port
  const database = url?.pathname.slice(1) ?? target.database
  const user = url?.username ?? target.user
  return [
    ['server', `${host ?? 'localhost'}:${port ?? 5432}`],
    ['database', database ?? ''],
    ['user', user ?? ''],
  ]
}

/** A table is created, and dropped, in each schema; a schema that this had to create stays, as a run would leave it. */
async function checkSchemas(
  config: Config,
  adapter: Adapter,
  line: (label: string, text: string) => void,
): Promise<readonly Problem[]> {
  const { dialect } = adapter
  const problems: Problem[] = []
  for (const schema of [config.target.schema, config.target.workSchema]) {
    const probe = relation(schema, 'personas_debug_probe')
    try {
      for (const sql of [
        ...dialect.createSchema(schema),
        ...dialect.createTableAs(probe, 'select 1 as probe'),
        ...dialect.dropTable(probe),
      ]) {
        await adapter.execute(sql)
      }
      line('permissions', `tables can be created in ${schema}`)
    } catch (error) {
      if (!(error instanceof ProblemError || error instanceof Error)) throw error
      problems.push(problem('PSN5014', { schema, reason: error.message.split('\n', 1)[0] ?? '' }))
    }
  }
  return problems
}
