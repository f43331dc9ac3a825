import type { ServingStore } from '../../config/config.ts'
import type { ProfileReader, ProfileStore } from './store.ts'

/**
 * Makes the store where there is none. The driver of its kind is loaded only now.
 *
 * @throws {ProblemError} PSN7002 it is of another version of personas, PSN7004 it cannot be reached
 */
export async function openStore(store: ServingStore): Promise<ProfileStore> {
  switch (store.type) {
    case 'embedded':
      return (await import('./embedded/embedded-store.ts')).openEmbeddedStore(store.path)
    case 'postgres':
      return (await import('./postgres/postgres-store.ts')).openPostgresStore(store)
  }
}

/**
 * Writes nothing: a place where no store is yet answers that nothing was published, until something is.
 *
 * @throws {ProblemError} PSN7004 it cannot be reached
 */
export async function openReader(store: ServingStore): Promise<ProfileReader> {
  switch (store.type) {
    case 'embedded':
      return (await import('./embedded/embedded-reader.ts')).openEmbeddedReader(store.path)
    case 'postgres':
      return (await import('./postgres/postgres-reader.ts')).openPostgresReader(store)
  }
}
