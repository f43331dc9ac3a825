import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
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
    inProcess('generate', rows, held)
    if (rows === sent) {
      const alone = inProcess('fetch', rows, held)
      contender('the same bytes, by fetch', alone, `${count(Math.round(rows / alone.seconds))} rows a second`)
      const least = inProcess('undici', rows, held)
      contender('… by undici', least, `${count(Math.round(rows / least.seconds))} rows a second`)
      const { sending, delivered } = inProcess('deliver', rows, held)
      contender('a sync', sending, `${count(Math.round(delivered / sending.seconds))} rows a second`)
      ratio('a sync / fetch', sending, alone)
      ratio('a sync / undici', sending, least)
      peaks.push(sending.peakMb)
    } else {
      const { sending, delivered } = inProcess('deliver', rows, held)
      contender('a sync', sending, `${count(Math.round(delivered / sending.seconds))} rows a second`)
      peaks.push(sending.peakMb)
    }
    rmSync(join(folder, `${rows}.duckdb`))
  }
  console.log(`  memory: ${((peaks[1] ?? 0) / (peaks[0] ?? 1)).toFixed(2)} times as much for the more rows`)
} finally {
  receiver.stdin.end()
  rmSync(folder, { recursive: true, force: true })
}
