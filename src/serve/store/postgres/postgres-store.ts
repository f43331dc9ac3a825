import type { ServingStore } from '../../../config/config.ts'
import type { ProfileStore } from '../store.ts'

export async function openPostgresStore(_store: ServingStore & { type: 'postgres' }): Promise<ProfileStore> {
  throw new Error('not built yet')
}
