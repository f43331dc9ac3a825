import type { ServingStore } from '../../../config/config.ts'
import type { ProfileReader } from '../store.ts'

export async function openPostgresReader(
  _store: ServingStore & { type: 'postgres' },
): Promise<ProfileReader> {
  throw new Error('not built yet')
}
