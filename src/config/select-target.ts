import { resolve } from 'node:path'
import { type Problem, problem } from '../diagnostics/problem.ts'
import type { Target } from './config.ts'
import type { ConfigFile, TargetSettings } from './config-schema.ts'
import type { Places } from './yaml-values.ts'

const defaultThreads = 4

type Base = Pick<Target, 'name' | 'schema' | 'workSchema' | 'syncSchema' | 'syncState' | 'threads'>

export type SelectedTarget =
  | { readonly ok: true; readonly target: Target }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** The named target of a checked file, with a space's schema over its own. */
export function selectTarget(
  file: ConfigFile,
  name: string,
  spaceSchema: string | undefined,
  projectDir: string,
  places: Places,
): SelectedTarget {
  const settings = file.targets[name]
  if (settings === undefined) throw new Error(`target ${name} was chosen but is not there`)
  const own = settings.type === 'bigquery' ? settings.dataset : (settings.schema ?? 'personas')
  const schema = spaceSchema ?? own
  // A space has working tables of its own, whatever the target says.
  const workSchema = (spaceSchema === undefined ? settings.work_schema : undefined) ?? `${schema}_work`
  const syncSchema = spaceSchema === undefined ? settings.sync_schema : undefined
  const base = {
    name,
    schema,
    workSchema,
    ...(syncSchema !== undefined && { syncSchema }),
    ...(settings.sync_state !== undefined && { syncState: resolve(projectDir, settings.sync_state) }),
    threads: settings.threads ?? defaultThreads,
  }
  const problems: Problem[] = []
  if (schema.toLowerCase() === workSchema.toLowerCase()) {
    problems.push(problem('PSN1033', { schema }, places.keySpan(settings, 'work_schema')))
  }
  if (settings.type === 'postgres' && settings.url === undefined) {
    const lacks = (['host', 'database'] as const).find((key) => settings[key] === undefined)
    if (lacks !== undefined) {
      problems.push(problem('PSN1032', { target: name, lacks }, places.keySpan(file.targets, name)))
    }
  }
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, target: connect(settings, base, projectDir) }
}

function connect(settings: TargetSettings, base: Base, projectDir: string): Target {
  switch (settings.type) {
    case 'duckdb': {
      const { type, path: file, memory_limit: memoryLimit } = settings
      const path = file === ':memory:' ? file : resolve(projectDir, file)
      return { ...base, type, path, ...(memoryLimit === undefined ? {} : { memoryLimit }) }
    }
    case 'postgres': {
      const {
        type,
        schema: _,
        work_schema: __,
        threads: ___,
        sync_schema: ____,
        sync_state: _____,
        ...connection
      } = settings
      return { ...base, type, ...connection }
    }
    case 'bigquery': {
      const { type, work_schema: _, threads: __, sync_schema: ___, sync_state: ____, ...rest } = settings
      return { ...base, type, settings: rest }
    }
    case 'snowflake': {
      const {
        type,
        schema: _,
        work_schema: __,
        threads: ___,
        sync_schema: ____,
        sync_state: _____,
        ...rest
      } = settings
      return { ...base, type, settings: rest }
    }
  }
}
