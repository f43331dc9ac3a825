import {
  suppress as begin,
  unsuppress as end,
  normalized,
  ownedWith,
  type SuppressionPlace,
} from '../../runner/suppressions.ts'
import { openStore } from '../../serve/store/open-store.ts'
import type { ProfileStore } from '../../serve/store/store.ts'
import { givenIdentifiers } from '../given-identifiers.ts'
import { type CommandBody, exitCode, type Invocation } from '../invocation.ts'
import { openProject, withFreeAdapter } from '../project.ts'

/** The store goes first: from then on nobody is told of the person, whatever the warehouse says. */
export const suppress: CommandBody = async (invocation) => {
  const project = openProject(invocation)
  const rules = project.definitions.identity.identifiers
  return change(invocation, async (store, place) => {
    for (const { identifier, written } of givenIdentifiers(invocation, project)) {
      const ids = await store.suppress(identifier)
      const owned = await ownedWith(place, identifier, false)
      await begin(place, owned.length === 0 ? [normalized(identifier, rules)] : owned, false)
      const found = ids.length === 0 ? 'nobody served has it now' : `${ids.join(', ')} served no more`
      invocation.output.result(`${written} is suppressed: ${found}`)
    }
  })
}

export const unsuppress: CommandBody = async (invocation) => {
  const project = openProject(invocation)
  const rules = project.definitions.identity.identifiers
  return change(invocation, async (store, place) => {
    for (const { identifier, written } of givenIdentifiers(invocation, project)) {
      const ended = await end(place, normalized(identifier, rules))
      const served = await store.unsuppress(identifier)
      invocation.output.result(
        ended || served
          ? `${written} is followed again from now on, and served from the next publish on`
          : `${written} was not suppressed`,
      )
    }
  })
}

async function change(
  invocation: Invocation,
  use: (store: ProfileStore, place: SuppressionPlace) => Promise<void>,
): Promise<number> {
  const { config } = openProject(invocation)
  const { schema, workSchema } = config.target
  const store = await openStore(config.serving.store)
  try {
    await withFreeAdapter(invocation, config, (adapter) => use(store, { adapter, schema, workSchema }))
  } finally {
    await store.close()
  }
  return exitCode.done
}
