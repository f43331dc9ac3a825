import type { Engine, Place } from '../../support/engines.ts'

/** Opens a place for this use and drops it, whatever happens. */
export async function withPlace(engine: Engine, use: (place: Place) => Promise<void>): Promise<void> {
  const place = await engine.open()
  try {
    await use(place)
  } finally {
    await place.drop()
  }
}
