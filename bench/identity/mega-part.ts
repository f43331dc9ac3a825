import { join } from 'node:path'
import type { Mistake } from './cdp-events.ts'
import { inProcess } from './in-process.ts'
import { compareLimits } from './limits-part.ts'
import { type PartInput, usualEvents } from './part.ts'
import { count } from './report.ts'

/** As the part `limits`, with a value that very many share. */
export function megaPart(mistake: Mistake): (input: PartInput) => void {
  return ({ scale = usualEvents, seed, folder }) => {
    const mistakes: Readonly<Record<Mistake, string>> = {
      anonymous_id: `an anonymous id of ${count(Math.floor(scale / 20))} users`,
      user_id: `a user id sent with ${count(Math.floor(scale / 20))} anonymous ids`,
      ten_ids: `ten anonymous ids of ${count(Math.floor(scale / 200))} users each`,
    }
    const file = join(folder, `${mistake}.duckdb`)
    inProcess('generateEvents', { file, seed, events: scale, sharedPercent: 4, mistake })
    compareLimits(`${count(scale)} events and ${mistakes[mistake]}`, file)
  }
}
