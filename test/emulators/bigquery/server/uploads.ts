import { randomUUID } from 'node:crypto'
import { BigqueryError } from '../engine/errors.ts'
import { type Json, parseJson } from '../json.ts'
import type { Reply, Request } from './http.ts'

export interface Upload {
  readonly metadata: Json
  readonly data: Buffer
}

/** Uploads in one request of two parts, or in several: a start that names an address, then pieces sent there. */
export class Uploads {
  readonly #begun = new Map<string, { readonly metadata: Json; data: Buffer }>()

  /** @returns the whole upload, or what to answer while it is not whole */
  take(request: Request): Upload | Reply {
    const kind = request.query.get('uploadType')
    if (kind === 'multipart') return parseMultipart(request)
    if (kind !== 'resumable') throw new BigqueryError('invalid', `Unknown uploadType: ${kind}`)
    const id = request.query.get('upload_id')
    if (id === null) {
      const begun = randomUUID()
      this.#begun.set(begun, { metadata: request.json(), data: Buffer.alloc(0) })
      const to = `http://${request.headers.host}/upload/bigquery/v2${request.path}?uploadType=resumable&upload_id=${begun}`
      return { status: 200, headers: { location: to, 'x-guploader-uploadid': begun } }
    }
    const upload = this.#begun.get(id)
    if (upload === undefined) throw new BigqueryError('notFound', `Not found: upload ${id}`)
    const range = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+|\*)$/.exec(String(request.headers['content-range'] ?? ''))
    upload.data = Buffer.concat([
      upload.data.subarray(0, Number(range?.[1] ?? upload.data.length)),
      request.body,
    ])
    const total = range?.[3] ?? String(upload.data.length)
    if (total === '*' || upload.data.length < Number(total)) {
      return {
        status: 308,
        headers: upload.data.length === 0 ? {} : { range: `bytes=0-${upload.data.length - 1}` },
      }
    }
    this.#begun.delete(id)
    return upload
  }
}

function parseMultipart({ headers, body }: Request): Upload {
  const boundary = /boundary="?([^";]+)"?/.exec(headers['content-type'] ?? '')?.[1]
  if (boundary === undefined) throw new BigqueryError('invalid', 'a multipart upload without a boundary')
  const separator = Buffer.from(`--${boundary}`)
  const parts: Buffer[] = []
  let from = body.indexOf(separator)
  for (let next = body.indexOf(separator, from + 1); next >= 0; next = body.indexOf(separator, from + 1)) {
    const part = body.subarray(from + separator.length + 2, next - 2)
    parts.push(part.subarray(part.indexOf('\r\n\r\n') + 4))
    from = next
  }
  const [metadata, data] = parts
  if (metadata === undefined || data === undefined)
    throw new BigqueryError('invalid', 'a multipart upload needs two parts')
  return { metadata: parseJson(metadata.toString('utf8')), data }
}
