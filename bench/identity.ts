import { rmSync } from 'node:fs'
import { componentsPart } from './identity/components-part.ts'
import { incrementPart, postgresPart } from './identity/increment-part.ts'
import { limitsPart } from './identity/limits-part.ts'
import { megaPart } from './identity/mega-part.ts'
import { millionPart } from './identity/million-part.ts'
import type { PartInput } from './identity/part.ts'
import { stringsPart } from './identity/strings-part.ts'
import { temporaryFolder } from './measure.ts'

// Identity resolution on DuckDB beside other ways to the same result: `identity [part] [scale] [seed]`.
const parts: Readonly<Record<string, (input: PartInput) => void>> = {
  components: componentsPart,
  strings: stringsPart,
  limits: limitsPart,
  'mega-anonymous-id': megaPart('anonymous_id'),
  'mega-user-id': megaPart('user_id'),
  'mega-ten-ids': megaPart('ten_ids'),
  increment: incrementPart,
  postgres: postgresPart,
  million: millionPart,
}

const [name = 'all', scaleText, seedText = '1'] = process.argv.slice(2)
const chosen = Object.entries(parts).filter(
  ([own]) => name === 'all' || own === name || own.startsWith(`${name}-`),
)
const scale = scaleText === undefined ? undefined : Number(scaleText)
const seed = Number(seedText)
if (
  chosen.length === 0 ||
  !(scale === undefined || (Number.isInteger(scale) && scale >= 1000)) ||
  !Number.isInteger(seed)
) {
  console.error(
    `npm run bench -- identity [${Object.keys(parts).join(' | ')} | mega | all] [scale, from 1000] [seed]`,
  )
  process.exit(2)
}
for (const [own, part] of chosen) {
  const folder = temporaryFolder()
  console.log(`${own}, seed ${seed}`)
  try {
    part({ scale, seed, folder })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
