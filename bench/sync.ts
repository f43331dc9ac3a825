import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Measurement } from './identity/measurement.ts'
import { contender, count, ratio } from './identity/report.ts'
import { runNode, temporaryFolder } from './measure.ts'
import type { Task, Tasks } from './sync/child.ts'

// What a sync finds and sends on DuckDB: `sync [rows to compare] [rows to send] [rows to send, more]`.
const [compared = 10_000_000, sent = 1_000_000, more = 10_000_000] = process.argv.slice(2).map(Number)
if (![compared, sent, more].every((rows) => Number.isInteger(rows) && rows > 0)) {
  console.error('npm run bench -- sync [rows to compare] [rows to send] [rows to send, more]')
  process.exit(2)
}

const receiver = spawn(process.execPath, [join(import.meta.dirname, 'sync/receiver.js')], {
  stdio: ['pipe', 'pipe', 'inherit'],
})
const url = await new Promise<string>((resolve) => {
  createInterface({ input: receiver.stdout }).once('line', resolve)
})
const folder = temporaryFolder()

function middle(all: readonly Measurement[], by: (one: Measurement) => number): Measurement {
  const found = [...all].sort((a, b) => by(a) - by(b))[Math.floor(all.length / 2)]
  if (found === undefined) throw new Error('nothing was measured')
  return found
}

function inProcess<Name extends keyof Tasks>(
  name: Name,
  rows: number,
  memory: string,
): Awaited<ReturnType<Tasks[Name]>> {
  const task: Task = { file: join(folder, `${rows}.duckdb`), rows, url, memory }
  return JSON.parse(runNode([join(import.meta.dirname, 'sync/child.js'), name, JSON.stringify(task)]).stdout)
}

try {
  for (const memory of ['4GB', '500MB']) {
    console.log(
      `${count(compared)} rows, one in a hundred of them differs from what was delivered; DuckDB may take ${memory}`,
    )
    inProcess('generate', compared, memory)
    inProcess('edited', compared, memory)
    const { aggregate, diff, found } = inProcess('difference', compared, memory)
    contender('one hash aggregate', aggregate, '')
    contender('what differs', diff, `${count(found)} rows`)
    ratio('what differs / one hash aggregate', diff, aggregate)
    rmSync(join(folder, `${compared}.duckdb`))
  }

  // Little enough that the fewer rows fill it, too.
  const held = '250MB'
  const peaks: number[] = []
  for (const rows of [sent, more]) {
    console.log(
      `${count(rows)} rows to a webhook on this machine, 1,000 in a request, 4 requests at a time; DuckDB may take ${held}`,
    )
    const syncs: Measurement[] = []
    let alone: readonly [Measurement, Measurement] | undefined
    // Of the fewer rows several times: each is over before the garbage collector has a say.
    for (let times = rows === sent ? 3 : 1; times > 0; times -= 1) {
      inProcess('generate', rows, held)
      if (rows === sent) alone ??= [inProcess('fetch', rows, held), inProcess('undici', rows, held)]
      const { sending, delivered } = inProcess('deliver', rows, held)
      if (delivered !== rows) throw new Error(`${delivered} of ${rows} rows were delivered`)
      syncs.push(sending)
      rmSync(join(folder, `${rows}.duckdb`))
    }
    const sending = middle(syncs, ({ seconds }) => seconds)
    const rate = ({ seconds }: Measurement): string => `${count(Math.round(rows / seconds))} rows a second`
    if (alone !== undefined) {
      contender('the same bytes, by fetch', alone[0], rate(alone[0]))
      contender('… by undici', alone[1], rate(alone[1]))
    }
    contender('a sync', sending, rate(sending))
    if (alone !== undefined) {
      ratio('a sync / fetch', sending, alone[0])
      ratio('a sync / undici', sending, alone[1])
    }
    peaks.push(middle(syncs, ({ peakMb }) => peakMb).peakMb)
  }
  console.log(`  memory: ${((peaks[1] ?? 0) / (peaks[0] ?? 1)).toFixed(2)} times as much for the more rows`)
} finally {
  receiver.stdin.end()
  rmSync(folder, { recursive: true, force: true })
}
