import type { Adapter } from '../adapters/adapter.ts'
import { type Problem, problem } from '../diagnostics/problem.ts'
import { relation } from '../ir/relation.ts'

const toleratedMinutes = 5

/** Whether the clock that a run takes its instant from differs from that of the warehouse. */
export async function clockDiffers(adapter: Pick<Adapter, 'query'>, now: Date): Promise<readonly Problem[]> {
  const [row] = await adapter.query('select current_timestamp as server_time')
  const minutes = Math.round((now.getTime() - Date.parse(String(row?.server_time))) / 60_000)
  return Math.abs(minutes) > toleratedMinutes ? [problem('PSN5032', { minutes })] : []
}

/** Whether all events that were taken in lie after the instant of a run: its traits and audiences are empty. */
export async function allEventsAhead(
  adapter: Pick<Adapter, 'query' | 'dialect'>,
  workSchema: string,
  asOf: string,
): Promise<readonly Problem[]> {
  const { dialect } = adapter
  const events = dialect.relation(relation(workSchema, 'events'))
  const is = async (when: string): Promise<boolean> =>
    (await adapter.query(`select 1 as found from ${events} as events where ${when} limit 1`)).length > 0
  if (await is(`events.timestamp <= ${dialect.timestamp(asOf)}`)) return []
  return (await is('events.timestamp is not null')) ? [problem('PSN5033', { asOf })] : []
}
