import type { Project } from '../../definitions/load-project.ts'
import { dropStaleTables } from '../../runner/stale-tables.ts'
import {
  normalized,
  type OwnedIdentifier,
  ownedWith,
  type SuppressionPlace,
  suppress,
} from '../../runner/suppressions.ts'
import { openStore } from '../../serve/store/open-store.ts'
import { compiledProject } from '../compiled-project.ts'
import { type GivenIdentifier, givenIdentifiers } from '../given-identifiers.ts'
import { type CommandBody, exitCode, type Invocation } from '../invocation.ts'
import { programName } from '../program-name.ts'
import { openProject, withFreeAdapter } from '../project.ts'
import { runProject } from '../run-project.ts'
import { UsageError } from '../usage-error.ts'

interface Person {
  readonly given: GivenIdentifier
  /** As identity has it. */
  readonly identifier: GivenIdentifier['identifier']
  /** Of all profiles that became one with theirs; none where nobody has the identifier. */
  readonly owned: readonly OwnedIdentifier[]
}

/**
 * Those who are named are written down as forgotten, which the store of the Profile API hides at once, and a run takes them out
 * of the tables. Whatever comes in between, the next run does so.
 */
export const forget: CommandBody = async (invocation) => {
  const project = openProject(invocation)
  const { config } = project
  const { schema, workSchema } = config.target
  const people = await withFreeAdapter(invocation, config, (adapter) =>
    found(invocation, project, { adapter, schema, workSchema }),
  )
  for (const person of people) invocation.output.result(describe(person))
  if (invocation.options.dryRun) return exitCode.done
  const store = await openStore(config.serving.store)
  try {
    for (const { given } of people) await store.suppress(given.identifier)
    await withFreeAdapter(invocation, config, async (adapter) => {
      for (const { identifier, owned } of people)
        await suppress({ adapter, schema, workSchema }, owned.length === 0 ? [identifier] : owned, true)
    })
    const notErased = (): void =>
      invocation.output.log(
        'not_erased',
        'they are written down as forgotten, and the next run that succeeds erases them; repeat the command for the rest',
      )
    const code = await runProject(invocation, project).catch((error: unknown) => {
      notErased()
      throw error
    })
    if (code !== exitCode.done) {
      notErased()
      return code
    }
    await withFreeAdapter(invocation, config, async (adapter) => {
      const { nodes } = await compiledProject(invocation, project, adapter)
      await dropStaleTables(adapter, workSchema, nodes)
    })
    // Nothing is left that the store would have to hide.
    for (const { given } of people) await store.unsuppress(given.identifier)
  } finally {
    await store.close()
  }
  sayWhatIsLeft(invocation, project)
  return exitCode.done
}

/** @throws {UsageError} somebody has the identifier in other letter case only */
async function found(
  invocation: Invocation,
  project: Project,
  place: SuppressionPlace,
): Promise<readonly Person[]> {
  const people: Person[] = []
  for (const given of givenIdentifiers(invocation, project)) {
    const identifier = normalized(given.identifier, project.definitions.identity.identifiers)
    const owned = await ownedWith(place, identifier, true)
    if (owned.length === 0) {
      const others = await ownedWith(place, identifier, false)
      const near = others.find(
        ({ type, value }) =>
          type === identifier.type && value.toLowerCase() === identifier.value.toLowerCase(),
      )
      if (near !== undefined)
        throw new UsageError(
          `nobody has \`${given.written}\``,
          `did you mean \`${near.type}:${near.value}\`?`,
        )
    }
    people.push({ given, identifier, owned })
  }
  return people
}

function describe({ given, owned }: Person): string {
  if (owned.length === 0) return `${given.written}: nobody has it; events that it leads will not be taken in`
  const [first] = owned
  const profiles = new Set(owned.map(({ segmentId }) => segmentId)).size
  const merged = profiles === 1 ? '' : `, ${profiles} profiles that became one`
  return `${given.written}: ${first?.canonicalId}, ${owned.length} identifier${owned.length === 1 ? '' : 's'}${merged}`
}

function sayWhatIsLeft({ output }: Invocation, { definitions }: Project): void {
  const people = definitions.syncs.filter(({ from }) => from.kind !== 'table' && from.kind !== 'model')
  const sources = 'rows of theirs in the source tables are not taken in any more; delete those yourself'
  output.log(
    'forgotten',
    people.length === 0
      ? sources
      : `${sources}. \`${programName()} sync\` takes them out of ${[...new Set(people.map(({ destination }) => destination))].join(', ')}`,
  )
}
