import type { ProfileReader, ProfileStore, Published } from '../../../../src/serve/store/store.ts'

export function publishVersion(
  store: ProfileStore,
  options?: { readonly size?: number; readonly pauseMs?: number },
): Promise<Published>
export function readVersion(reader: ProfileReader, index: number): Promise<number>
