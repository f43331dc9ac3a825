import { resolve } from 'node:path'
import { type Problem, problem } from '../diagnostics/problem.ts'
import type { Target } from './config.ts'
import type { ConfigFile } from './config-schema.ts'
import type { Places } from './yaml-values.ts'

const defaultThreads = 4

/** The named target of a checked file, with a space's schema over its own. */
export function selectTarget(
  file: ConfigFile,
  name: string,
  spaceSchema: string | undefined,
  projectDir: string,
  places: Places,
): { readonly target?: Target; readonly problems: readonly Problem[] } {
  const settings = file.targets[name]
  if (settings === undefined) return { problems: [] }
  const own = settings.type === 'bigquery' ? settings.dataset : (settings.schema ?? 'personas')
  const schema = spaceSchema ?? own
  const workSchema = settings.work_schema ?? `${schema}_work`
  const base = { name, schema, workSchema, threads: settings.threads ?? defaultThreads }
  const problems: Problem[] = []
  if (schema.toLowerCase() === workSchema.toLowerCase()) {
    problems.push(problem('PSN1033', { schema }, places.valueSpan(settings, 'work_schema')))
  }
  switch (settings.type) {
    case 'duckdb': {
      const path = settings.path === ':memory:' ? ':memory:' : resolve(projectDir, settings.path)
      const memoryLimit = settings.memory_limit
      const target: Target = {
        ...base,
        type: 'duckdb',
        path,
        ...(memoryLimit === undefined ? {} : { memoryLimit }),
      }
      return { target, problems }
    }
    case 'postgres': {
      const { type, schema: _, work_schema: __, threads: ___, ...connection } = settings
      if (settings.url === undefined) {
        const lacks = (['host', 'database'] as const).find((key) => settings[key] === undefined)
        if (lacks !== undefined) {
          problems.push(problem('PSN1032', { target: name, lacks }, places.keySpan(file.targets, name)))
        }
      }
      return { target: { ...base, type, ...connection }, problems }
    }
    case 'bigquery':
    case 'snowflake': {
      const { type, schema: _, work_schema: __, threads: ___, ...rest } = { schema: undefined, ...settings }
      return { target: { ...base, type, settings: rest }, problems }
    }
  }
}
