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
  const own = settings.type === 'bigquery' ? settings.dataset : named(settings, settings.schema ?? 'personas')
  const schema = spaceSchema ?? own
  // A space has working tables of its own, whatever the target says.
  const workSchema =
    spaceSchema === undefined && settings.work_schema !== undefined
      ? named(settings, settings.work_schema)
      : `${schema}_work`
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
  if (settings.type === 'snowflake') {
    const given = (['password', 'private_key_path', 'private_key', 'token'] as const).filter(
      (key) => settings[key] !== undefined,
    )
    if (given.length !== 1) {
      const span = places.keySpan(file.targets, name)
      problems.push(problem('PSN1034', { target: name, given: given.join(', ') }, span))
    }
  }
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, target: connect(settings, base, projectDir) }
}

/** Snowflake shows names in upper case that are written in lower case, and people copy what they see. */
function named(settings: TargetSettings, schema: string): string {
  return settings.type === 'snowflake' && /^[A-Z_][A-Z0-9_$]*$/.test(schema) ? schema.toLowerCase() : schema
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
        ...given
      } = settings
      const { sslrootcert, sslcert, sslkey, ...rest } = given
      const { connect_timeout, lock_timeout, statement_timeout, application_name, ...connection } = rest
      const file = (path: string | undefined): string | undefined => path && resolve(projectDir, path)
      return {
        ...{ ...base, type, ...connection },
        ...{ sslrootcert: file(sslrootcert), sslcert: file(sslcert), sslkey: file(sslkey) },
        connectTimeoutSeconds: connect_timeout,
        lockTimeoutSeconds: lock_timeout,
        statementTimeoutSeconds: statement_timeout,
        applicationName: application_name,
      }
    }
    case 'bigquery': {
      const { type, keyfile } = settings
      return {
        ...base,
        type,
        settings: keyfile === undefined ? settings : { ...settings, keyfile: resolve(projectDir, keyfile) },
      }
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
      const key = rest.private_key_path
      return {
        ...base,
        type,
        settings: key === undefined ? rest : { ...rest, private_key_path: resolve(projectDir, key) },
      }
    }
  }
}
