/** Blobs and uploads in the PostgreSQL store. */

import type { UploadedPart } from '../../model/requests.ts'
import type { Blob } from '../../model/resources.ts'
import { type OpenContent, openBytes } from './contents.ts'
import type { PostgresContents } from './postgres-contents.ts'
import { type Row, type Session, textOf } from './postgres-session.ts'
import type { Incoming } from './receive.ts'
import { parse } from './statements.ts'
import type { BlobWriting, PendingUpload, Stretch } from './store.ts'
import { successor } from './successor.ts'

const ofBlob = 'tenant = $1 and bucket = $2 and id = $3'
const ofUpload = 'tenant = $1 and bucket = $2 and upload = $3'
const ofPart = `${ofUpload} and number = $4`

/** Marks contents that someone gives up. One that was marked just now is left as it is, so that two who give it up don't meet. */
const release = (which: string): string =>
  `update content set loose = now() where content in (select content from ${which}) and (loose is null or loose < now() - interval '1 minute')`

export class PostgresBlobs implements BlobWriting {
  private readonly sql: Session
  private readonly contents: PostgresContents
  private readonly tenant: string

  constructor(sql: Session, contents: PostgresContents, tenant: string) {
    this.sql = sql
    this.contents = contents
    this.tenant = tenant
  }

  async show(bucket: string, id: string): Promise<Blob | undefined> {
    const row = await this.sql.row(`select shown from blob where ${ofBlob}`, this.tenant, bucket, id)
    return row === undefined ? undefined : parse(row[0])
  }

  async ids(bucket: string): Promise<string[]> {
    const rows = await this.sql.rows('select id from blob where tenant = $1 and bucket = $2 order by id', this.tenant, bucket)
    return rows.map(row => textOf(row[0]))
  }

  async list(bucket: string, { prefix, after, behind, limit }: Stretch): Promise<Blob[]> {
    const end = successor(prefix)
    const start = behind === undefined ? '' : successor(behind)
    if (start === undefined) return []
    const bounds = [
      { is: '>=', id: prefix },
      { is: '>=', id: start },
      ...(after === undefined ? [] : [{ is: '>', id: after }]),
      ...(end === undefined ? [] : [{ is: '<', id: end }]),
    ]
    const rows = await this.sql.rows(
      `select shown from blob where tenant = $1 and bucket = $2 ${bounds.map(({ is }, i) => `and id ${is} $${i + 4}`).join(' ')}
       order by id limit $3`,
      this.tenant,
      bucket,
      limit,
      ...bounds.map(({ id }) => id),
    )
    return rows.map(row => parse(row[0]))
  }

  async open(bucket: string, id: string): Promise<{ blob: Blob; content: OpenContent } | undefined> {
    const row = await this.sql.row(
      `select b.bytes, b.content, c.size, c.hash, b.shown from blob b left join content c using (content) where ${ofBlob}`,
      this.tenant,
      bucket,
      id,
    )
    return row === undefined ? undefined : { blob: parse(row[4]), content: this.content(row) }
  }

  async upload(bucket: string, upload: string): Promise<PendingUpload | undefined> {
    const row = await this.sql.row(`select pending from upload where ${ofUpload}`, this.tenant, bucket, upload)
    return row === undefined ? undefined : parse(row[0])
  }

  async parts(bucket: string, upload: string): Promise<UploadedPart[]> {
    const rows = await this.sql.rows(`select shown from part where ${ofUpload} order by number`, this.tenant, bucket, upload)
    return rows.map(row => parse(row[0]))
  }

  async openPart(bucket: string, upload: string, number: number): Promise<OpenContent | undefined> {
    const row = await this.sql.row(
      `select p.bytes, p.content, c.size, c.hash from part p left join content c using (content) where ${ofPart}`,
      this.tenant,
      bucket,
      upload,
      number,
    )
    return row === undefined ? undefined : this.content(row)
  }

  async put(blob: Blob, content?: Incoming): Promise<void> {
    const { bucketId, id } = blob
    const key = [this.tenant, bucketId, id] as const
    if (content === undefined) {
      this.sql.run(`update blob set shown = $4 where ${ofBlob}`, ...key, JSON.stringify(blob))
      return
    }
    this.sql.run(release(`blob where ${ofBlob}`), ...key)
    this.sql.run(
      `insert into blob values ($1, $2, $3, $4, $5, $6) on conflict (tenant, bucket, id)
       do update set content = excluded.content, bytes = excluded.bytes, shown = excluded.shown`,
      ...key,
      content.place ?? null,
      content.bytes ?? null,
      JSON.stringify(blob),
    )
  }

  async remove(bucket: string, id: string): Promise<void> {
    const key = [this.tenant, bucket, id] as const
    this.sql.run(release(`blob where ${ofBlob}`), ...key)
    this.sql.run(`delete from blob where ${ofBlob}`, ...key)
  }

  async begin(bucket: string, upload: string, pending: PendingUpload): Promise<void> {
    this.sql.run('insert into upload values ($1, $2, $3, $4)', this.tenant, bucket, upload, JSON.stringify(pending))
  }

  async putPart(bucket: string, upload: string, part: UploadedPart, content: Incoming): Promise<void> {
    const key = [this.tenant, bucket, upload, part.number] as const
    this.sql.run(release(`part where ${ofPart}`), ...key)
    this.sql.run(
      `insert into part values ($1, $2, $3, $4, $5, $6, $7) on conflict (tenant, bucket, upload, number)
       do update set content = excluded.content, bytes = excluded.bytes, shown = excluded.shown`,
      ...key,
      content.place ?? null,
      content.bytes ?? null,
      JSON.stringify(part),
    )
  }

  async end(bucket: string, upload: string): Promise<void> {
    const key = [this.tenant, bucket, upload] as const
    this.sql.run(release(`part where ${ofUpload}`), ...key)
    this.sql.run(`delete from part where ${ofUpload}`, ...key)
    this.sql.run(`delete from upload where ${ofUpload}`, ...key)
  }

  async endAll(bucket: string): Promise<void> {
    const ofBucket = 'tenant = $1 and bucket = $2'
    this.sql.run(release(`part where ${ofBucket}`), this.tenant, bucket)
    this.sql.run(`delete from part where ${ofBucket}`, this.tenant, bucket)
    this.sql.run(`delete from upload where ${ofBucket}`, this.tenant, bucket)
  }

  private content([bytes, content, size, hash]: Row): OpenContent {
    return bytes instanceof Uint8Array ? openBytes(bytes) : this.contents.open(String(content), Number(size), String(hash))
  }
}
