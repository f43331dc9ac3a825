import { join } from 'node:path'
import { Environment, type Tables } from './environment.ts'

/**
 * `leads` is what leads to a profile, apart from its parts since only writers need it. `lookups` tells of a key all those it
 * leads to. `seen` holds what a full publish has put, and is empty outside of one.
 */
const profiles = { texts: ['state', 'ids', 'parts', 'seen'], bytes: ['lookups'] } as const

/** What must not wait for a publish: who is suppressed, tokens, the lock of publishers. */
const control = { texts: ['state', 'suppressed', 'pending', 'tokens', 'tokenNames'], bytes: [] } as const

export type ProfileTables = Tables<(typeof profiles)['texts'][number], (typeof profiles)['bytes'][number]>
export type ControlTables = Tables<(typeof control)['texts'][number], never>

export interface Files {
  readonly profiles: Environment<(typeof profiles)['texts'][number], (typeof profiles)['bytes'][number]>
  readonly control: Environment<(typeof control)['texts'][number], never>
}

interface Shared {
  readonly files: Files
  users: number
}

/** A process has each file open once. */
const shared = new Map<string, Shared>()

/** @param folder absolute */
export function useFiles(folder: string): Files {
  const known = shared.get(folder)
  if (known !== undefined) {
    known.users += 1
    return known.files
  }
  const files: Files = {
    profiles: new Environment(join(folder, 'profiles.mdb'), profiles),
    control: new Environment(join(folder, 'control.mdb'), control),
  }
  shared.set(folder, { files, users: 1 })
  return files
}

export function leaveFiles(folder: string): void {
  const known = shared.get(folder)
  if (known === undefined) return
  known.users -= 1
  if (known.users > 0) return
  shared.delete(folder)
  known.files.profiles.close()
  known.files.control.close()
}
