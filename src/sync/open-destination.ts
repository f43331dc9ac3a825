import { realpathSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Destination } from '../definitions/definitions.ts'
import { nearest } from '../diagnostics/nearest.ts'
import { ProblemError, problem } from '../diagnostics/problem.ts'
import type { Clock } from './deliver/pace.ts'
import { openPace } from './deliver/pace.ts'
import type { DestinationType } from './destination.ts'
import { builtIn } from './destinations/registry.ts'
import { guarded } from './project-module.ts'
import type { OpenedDestination } from './sync-run.ts'

/** Loads a module by its address. */
type ImportModule = (url: string) => Promise<unknown>

/** A module of the project: `./destinations/crm.mjs`. */
const modulePath = /^\.\/[\w./-]+\.m?js$/

/**
 * The type of a destination, by its name or the file of the project that has it as its default export.
 *
 * @throws {ProblemError} PSN6003 there is none
 */
async function destinationTypeOf(
  { name, type, typeSpan }: Pick<Destination, 'name' | 'type' | 'typeSpan'>,
  projectDir: string,
  importModule: ImportModule,
): Promise<DestinationType> {
  const load = Object.hasOwn(builtIn, type) ? builtIn[type] : undefined
  if (load !== undefined) return load()
  if (modulePath.test(type)) return fromProject(name, type, typeSpan, projectDir, importModule)
  const near = nearest(type, Object.keys(builtIn))
  throw new ProblemError([
    problem('PSN6003', { destination: name, type, ...(near !== undefined && { near }) }, typeSpan),
  ])
}

async function fromProject(
  destination: string,
  type: string,
  span: Destination['typeSpan'],
  projectDir: string,
  importModule: ImportModule,
): Promise<DestinationType> {
  const wrong = (detail: string, cause?: unknown): ProblemError =>
    new ProblemError([problem('PSN6004', { destination, file: type, detail }, span)], { cause })
  let file: string
  try {
    file = realpathSync(resolve(projectDir, type))
  } catch (error) {
    throw wrong('it does not exist', error)
  }
  if (relative(realpathSync(projectDir), file).startsWith('..')) throw wrong('it is outside the project')
  const module: unknown = await importModule(pathToFileURL(file).href).catch((error: unknown) => {
    throw wrong(error instanceof Error ? error.message : String(error), error)
  })
  const found: unknown =
    typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined
  if (isDestinationType(found)) return guarded(found)
  throw wrong(
    'its default export is no destination: it needs type, summary, settings, secrets, capabilities, check and open',
  )
}

function isDestinationType(value: unknown): value is DestinationType {
  if (typeof value !== 'object' || value === null) return false
  return ['settings', 'capabilities', 'check', 'open', 'secrets'].every((key) => key in value)
}

/**
 * Settings read by their schema.
 *
 * @throws {ProblemError} PSN6001 for every setting that is wrong
 */
export async function openDestination(
  definition: Destination,
  projectDir: string,
  clock: Clock,
  importModule: ImportModule = (url) => import(url),
): Promise<OpenedDestination> {
  const type = await destinationTypeOf(definition, projectDir, importModule)
  const read = type.settings.safeParse(
    Object.fromEntries(
      Object.entries(definition.settings).map(([name, value]) => [
        name,
        type.paths?.includes(name) === true && typeof value === 'string'
          ? fromHere(projectDir, value)
          : value,
      ]),
    ),
  )
  if (!read.success) {
    throw new ProblemError(
      read.error.issues.map((issue) => {
        const [key] = issue.path
        const setting = issue.path.join('.')
        const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined
        const known = unknown === undefined ? undefined : nearest(unknown, settingNames(type))
        const parameters = {
          destination: definition.name,
          setting: unknown ?? setting,
          detail: unknown === undefined ? issue.message : `${type.type} has no such setting`,
          ...(known !== undefined && { near: known }),
        }
        const span = definition.settingSpans[unknown ?? String(key ?? '')] ?? definition.typeSpan
        return problem('PSN6001', parameters, span)
      }),
    )
  }
  const capabilities = type.capabilities(read.data)
  return { type, settings: read.data, capabilities, pace: openPace(capabilities.rate, clock) }
}

/** As short as it can be told to somebody who is where we are. */
function fromHere(projectDir: string, path: string): string {
  return relative(process.cwd(), resolve(projectDir, path)) || '.'
}

/** Names of a type's settings. */
function settingNames({ settings }: DestinationType): readonly string[] {
  return 'shape' in settings && typeof settings.shape === 'object' && settings.shape !== null
    ? Object.keys(settings.shape)
    : []
}
