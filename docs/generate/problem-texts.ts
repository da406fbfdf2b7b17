import type { ProblemCode } from '../../src/core/problem.ts'

/** What people read of a code: what happened, what usually causes it, what to do. */
export interface ProblemText {
  readonly means: string
  readonly causes: string
  readonly todo: string
}

export const PROBLEM_TEXTS: Readonly<Record<ProblemCode, ProblemText>> = {
  'config-not-found': {
    means: 'There is no configuration.',
    causes:
      'The command runs in another folder than the project, or `--config` names a file that does not exist.',
    todo: 'Change into the project, correct `--config`, or run `imgsizes init` to write a configuration.',
  },
  'config-failed': {
    means: 'The configuration file cannot be read or run.',
    causes:
      'A mistake of syntax in it, a missing import, a value that throws, or the permissions of the file.',
    todo: 'Correct what the message quotes. `node <file>` or your editor shows the same mistake.',
  },
  'config-invalid': {
    means: 'The configuration was read, but some of it is not valid.',
    causes: 'An option that is misspelled, a value out of range, two options that exclude each other.',
    todo: 'Each line of the message names the option, what was found and what is allowed. See [configuration](configuration.md).',
  },
  'overrides-invalid': {
    means: 'The options of single pictures, in the file of `overrides` or in a sidecar, are not valid.',
    causes:
      'JSON that breaks off or lacks a comma, a field or a size that is misspelled, a value out of range.',
    todo: 'Each line of the message names the line, the field, what was found and what is allowed. See [overrides](../guides/overrides.md).',
  },
  'overrides-missing': {
    means: 'The file that `overrides` names does not exist.',
    causes: 'A wrong path, a checkout without it, or a new project that has none yet.',
    todo: 'Write `{}` into it, correct the path, or remove `overrides` from the configuration.',
  },
  'overrides-changing': {
    means: 'An override was not written, because others kept writing the same file.',
    causes: 'Many writers at once, or one that was killed less than ten seconds ago while it held the file.',
    todo: 'Save again.',
  },
  'config-secret-missing': {
    means: 'There is no secret to sign URLs with.',
    causes: '`IMGSIZES_SECRET` is not set where the command runs, or `.env` is not beside the configuration.',
    todo: 'Set `IMGSIZES_SECRET` to at least 16 random characters, the same on every machine.',
  },
  'config-exists': {
    means: '`imgsizes init` found a configuration and left it as it is.',
    causes: 'The project has been set up before.',
    todo: 'Edit that file, or remove it first.',
  },
  'secret-known': {
    means: 'The secret is one that everybody knows: an example of this documentation or of the demo.',
    causes: 'A configuration that was copied with its secret.',
    todo: 'Make one of your own: `node -e "console.log(crypto.randomBytes(24).toString(\'base64url\'))"`.',
  },
  'pattern-invalid': {
    means: 'A pattern of names cannot be read.',
    causes:
      'A bracket that is not closed, a backslash, or an absolute path in `--only`, `include`, `exclude` or `match`.',
    todo: 'Write it as a path below the source, with `*`, `**` and `{a,b}`.',
  },
  'option-invalid': {
    means: 'A value that was given to a command or to the library is not valid.',
    causes: 'A name of an original with `..`, a backslash or a leading slash, or an option out of range.',
    todo: 'The message says what is allowed.',
  },
  'results-blocked': {
    means: 'The results cannot be put where the site shows them.',
    causes: 'A file or folder of the site stands where they would go.',
    todo: 'Move it, or choose another `output` or `baseUrl`.',
  },
  'results-not-shown': {
    means: 'The rewritten pages name pictures at paths where the site has no files. A warning.',
    causes: '`output` lies outside of the folder that is published, or `baseUrl` is another path.',
    todo: 'Do what the message says: copy the files, or correct `baseUrl`.',
  },
  'images-invalid': {
    means: 'A file is not an images.json that this version reads.',
    causes: 'Another file was named, it is cut off, or another version of imgsizes wrote it.',
    todo: 'Write it again: `imgsizes build --images images.json`.',
  },
  'plan-damaged': {
    means: 'A file of `plan --out` cannot be read.',
    causes: 'It is cut off, was edited, or another version of imgsizes wrote it.',
    todo: 'Write it again: `imgsizes plan --out <file>`.',
  },
  'file-not-read': {
    means: 'A file that the command line or a configuration of another server names cannot be read.',
    causes: 'It does not exist, is no regular file, is too long, or this user may not read it.',
    todo: 'Correct the path or the permissions of the file.',
  },
  'file-unreadable': {
    means: 'A file of the site that is rewritten cannot be read.',
    causes: 'Its permissions, or a link to nothing.',
    todo: 'Correct the permissions, or remove the file from the folder.',
  },
  'file-not-written': {
    means: 'A report or another file that you asked for cannot be written.',
    causes: 'Its folder is missing or may not be written, or the disk is full. Results are not affected.',
    todo: 'Name another path, or correct the folder, and run again.',
  },
  'stdout-not-written': {
    means: 'What the command prints could not be written to where you sent it.',
    causes: 'The disk behind the redirection is full. A pipe whose reader has ended is no error.',
    todo: 'Free space and run again. The work itself is done.',
  },
  'log-damaged': {
    means: 'An access log cannot be read to its end.',
    causes: 'Its gzip is damaged, or still being written.',
    todo: 'Take a log that is complete, or decompress it: `zcat <file> | imgsizes warm -`.',
  },
  'nginx-too-deep': {
    means: 'A configuration of nginx is nested too deep to be read.',
    causes: 'A file that is not from nginx, or one that a faulty program made.',
    todo: 'Name the file of the one site that is to be migrated.',
  },
  'nginx-too-large': {
    means: 'A configuration of nginx includes more files than `migrate` reads.',
    causes: 'The main file of a server with very many sites.',
    todo: 'Name the file of the one site that is to be migrated.',
  },
  'edge-unfit': {
    means: 'This web server or CDN cannot do what the configuration asks for.',
    causes:
      'A base URL or place that is only reachable from this machine, or characters that its configuration cannot contain.',
    todo: 'Change what the message names, or choose another server of `imgsizes origin`.',
  },
  'cannot-listen': {
    means: '`serve` cannot take its port.',
    causes:
      'Another program uses it, it is below 1024 and this user may not use it, or the address is not one of this machine.',
    todo: 'Choose another `--port` or `--host`, or stop the other program.',
  },
  'clock-differs': {
    means: 'The clock of this machine differs from that of the store. A warning.',
    causes: 'No time synchronisation, as in some virtual machines.',
    todo: 'Let the system set it: `timedatectl set-ntp true`. S3 refuses requests whose time differs by more than 15 minutes.',
  },

  'not-an-image': {
    means: 'The original is not a picture.',
    causes: 'A text, an HTML error page or an empty file under the name of a picture.',
    todo: 'Replace the file, or leave it out with `exclude`.',
  },
  'image-unsupported': {
    means: 'The original is a picture of a kind that is not read.',
    causes: 'HEIC, camera raw, JPEG XL, PSD, or a rare kind of TIFF.',
    todo: 'Save it as JPEG, PNG, WebP, AVIF or plain TIFF.',
  },
  'image-corrupt': {
    means: 'The original begins as a picture, but cannot be decoded to its end.',
    causes: 'An upload that broke off, a disk that failed, an editor that wrote it wrongly.',
    todo: "Save or upload it again. `limits.damaged: 'show'` renders its readable part.",
  },
  'too-many-pixels': {
    means: 'The original has more pixels than allowed.',
    causes: 'A scan or panorama; sometimes a file made to exhaust memory.',
    todo: 'Make it smaller, or raise `limits.sourcePixels` and give the machine memory for it.',
  },
  'too-many-frames': {
    means: 'The animation has more frames than allowed.',
    causes: 'A film saved as GIF or WebP.',
    todo: 'Shorten it, serve it as a video, or raise `limits.frames`.',
  },
  'too-many-scans': {
    means: 'The progressive JPEG has more scans than any program needs.',
    causes: 'A file made to cost much time.',
    todo: 'Save it again.',
  },
  'svg-unsafe': {
    means: 'The SVG asks for something that is not drawn on a server.',
    causes:
      'Scripts, files from elsewhere, HTML in it (`foreignObject`), entities, or filters that take too much memory.',
    todo: 'Save it with everything embedded and without scripts.',
  },
  'source-too-large': {
    means: 'The original has more bytes than allowed.',
    causes: 'A picture directly from a camera, or a file that is not a picture.',
    todo: 'Make it smaller, or raise `limits.sourceBytes`.',
  },
  'render-timeout': {
    means: 'The picture took longer than allowed, and the work was ended.',
    causes: 'A very large picture at a high effort, or a machine that is busy with other things.',
    todo: 'Make the original smaller, lower `encoders.*.effort`, or raise `limits.renderTimeout`.',
  },
  'render-bug': {
    means: 'imgsizes itself failed at this picture. The others go on.',
    causes: 'A bug in imgsizes or in libvips.',
    todo: 'Report it, with the picture if you may. It is tried again with the next version.',
  },
  'not-a-vector': {
    means: 'The format `svg` was asked for, but the source is not an SVG.',
    causes: 'A file with the ending `.svg` that contains pixels.',
    todo: 'Give the file the ending of its real format.',
  },
  'vector-unsafe': {
    means: 'The SVG can be drawn as pixels, but is not served as a drawing.',
    causes: 'After cleaning it would not show the same.',
    todo: 'Save it in a simpler form, or let the size draw it: `draw: true`.',
  },
  'output-too-large': {
    means: 'The result would have more pixels than allowed.',
    causes: 'A `contain` or an SVG at a very large size.',
    todo: 'Ask for a smaller size, or raise `limits.outputPixels`.',
  },
  'watermark-unknown': {
    means: 'The URL names a watermark that this configuration does not have.',
    causes: 'The file of `watermark` was replaced, so old URLs are not valid any more.',
    todo: 'Build again and publish the new URLs.',
  },
  'render-crashed': {
    means: 'The process that rendered the picture died. If another program killed it, that was tried twice.',
    causes: 'The system ended it because memory was short, or a decoder has a bug.',
    todo: 'Give the machine more memory or lower `--memory`. If it happens with the same picture every time, report it.',
  },
  'too-large-for-memory': {
    means: 'The picture alone would take more memory than all pictures together may.',
    causes: 'A large original in a small container.',
    todo: 'Raise `--memory` and the limit of the container, or make the picture smaller.',
  },
  'render-unavailable': {
    means: 'No render process could be started.',
    causes: 'The limit of processes or of open files is reached, or memory is used up.',
    todo: 'Check `ulimit -a` and earlier messages. `imgsizes doctor` tells more.',
  },
  'source-missing': {
    means: 'There is no original of that name.',
    causes:
      'It was deleted or renamed, the letter case differs, or the URL was written by hand. In a `build`: the store lists it, but does not give it.',
    todo: 'Look into the source for the exact name. `build` deletes nothing; `prune` removes the results.',
  },
  'source-not-listable': {
    means: 'The source cannot be listed, so `build` cannot know what is in it. Its results are left alone.',
    causes: 'A source over HTTPS, or a bucket without `s3:ListBucket`.',
    todo: 'Let `serve` render on demand, name the originals (`build --sources-from`), or grant the right to list.',
  },
  'source-twin': {
    means: 'The names of two originals are the same on the disk of the output.',
    causes:
      'They differ only in letter case or in how accents are composed, which disks of macOS and Windows ignore.',
    todo: 'Rename one of them, or store results on S3.',
  },
  'source-address-refused': {
    means: 'The host of the source has a private address, so it was not asked.',
    causes:
      'A name that leads into your own network. This protects the network from requests that others choose.',
    todo: 'If this is intended: `source: { uri, allowPrivate: true }`.',
  },
  'source-redirect-refused': {
    means: 'The source redirects to another place, which was not followed.',
    causes: 'The pictures have moved, or the URL lacks `https` or `www`.',
    todo: 'Configure the place where the pictures really are.',
  },

  'store-unavailable': {
    means: 'A store or source cannot be reached, or keeps failing. It was asked several times.',
    causes: 'A wrong endpoint, the network, or a server that is down or overloaded.',
    todo: 'Check the endpoint; run again later. Nothing that was stored is lost.',
  },
  'store-timeout': {
    means: 'A store or source did not answer in time.',
    causes: 'A slow network, or too much at once.',
    todo: 'Lower `--concurrency`, or raise `limits.fetchTimeout` for a slow source.',
  },
  'store-denied': {
    means: 'The store refuses this user.',
    causes: 'A missing permission (on S3, the one in the message), or the permissions of a folder.',
    todo: 'Grant what the message names. `imgsizes doctor` tries each permission.',
  },
  'store-credentials': {
    means: 'S3 does not accept the credentials.',
    causes: 'Credentials that are missing, wrong or expired, or a wrong clock.',
    todo: 'Set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, a profile, or a role.',
  },
  'store-region': {
    means: 'The bucket is in another region.',
    causes: '`AWS_REGION` is that of another bucket.',
    todo: 'Add `?region=…` to the `s3://` URI.',
  },
  'store-missing': {
    means: 'The bucket or folder does not exist. It is never taken for an empty one.',
    causes: 'A misspelled name, a disk that is not mounted, another endpoint.',
    todo: 'Correct the name, or create the bucket; imgsizes creates none.',
  },
  'store-full': {
    means: 'The disk or quota of the output is used up.',
    causes: 'Results, or files of another program, need more space than there is.',
    todo: 'Free space and run again. What was stored is complete.',
  },
  'store-unsupported': {
    means: 'This S3 server cannot do what is needed.',
    causes: 'A server that knows only a part of the S3 interface.',
    todo: 'See [S3 servers](s3-servers.md) for what is known to work.',
  },
  'store-refused': {
    means: 'S3 refuses the request as it is.',
    causes: 'A setting in the query of the `s3://` URI that the bucket does not allow.',
    todo: 'Check `acl`, `storageClass`, `checksums`, `sse` and `requestPayer` in the URI.',
  },
  'store-key-refused': {
    means: 'Nothing can be stored under this name. Other names are not affected.',
    causes:
      'A name too long for the file system, a file where a folder must be, or a folder of the output on another file system.',
    todo: 'Rename the original, store results on S3, or keep all of the output on one file system.',
  },
  'store-keeps-versions': {
    means: 'The bucket keeps replaced and deleted objects. A warning.',
    causes: 'Versioning is on.',
    todo: 'Set a lifecycle rule that deletes old versions; the message shows one.',
  },
  'listing-disorder': {
    means: 'The store does not list its keys in order, so nothing was decided by this listing.',
    causes: 'A directory bucket (S3 Express), or a server with another order than S3 promises.',
    todo: 'Use a general purpose bucket. See [S3 servers](s3-servers.md).',
  },
  'uploads-full': {
    means: '`serve` made results faster than the store accepted them; this one was answered, but not stored.',
    causes: 'A slow store, or one that cannot be reached.',
    todo: 'If it is rare, nothing: it is rendered again when it is asked for. Otherwise check the store.',
  },

  'ledger-damaged': {
    means: 'A part of the ledger (the record of results, in `.imgsizes/`) is damaged.',
    causes: 'A disk that failed, or a file that was edited.',
    todo: 'Run `imgsizes build`: it looks at the results themselves, and records them again.',
  },
  'ledger-unread': {
    means: 'A part of the ledger could not be read this time. Nothing was deleted.',
    causes: 'The store could not be reached for a moment, or a permission is missing.',
    todo: 'Run again when the store can be read.',
  },
  'ledger-too-new': {
    means: 'A newer version of imgsizes has written the ledger.',
    causes: 'Machines with different versions on one output.',
    todo: 'Install the newest version everywhere.',
  },
  'shards-damaged': {
    means: 'The file that says where shards begin cannot be read.',
    causes: 'It is cut off or was edited.',
    todo: 'Delete it while no shard runs; the next shard writes a new one.',
  },
  'forced-damaged': {
    means:
      'The file that says which `build --force` were begun but not finished cannot be read. The build went on without it.',
    causes: 'It is cut off or was edited.',
    todo: 'Delete `.imgsizes/forced.json`, and run `imgsizes build --force` again if one was not finished.',
  },
  'delete-incomplete': {
    means: 'Some results could not be deleted.',
    causes: '`s3:DeleteObject` is missing, or a folder may not be written to.',
    todo: 'Grant the permission, and run the same command again.',
  },
  'prune-empty': {
    means: 'A source is empty, so all of its results would be deleted. Nothing was deleted.',
    causes: 'A disk that is not mounted, a wrong prefix, another bucket.',
    todo: 'Check `source`. If it is right: `imgsizes prune --allow-empty`.',
  },
  'prune-share': {
    means: 'More sources would lose all results than one run may delete. Nothing was deleted.',
    causes: 'A large folder was renamed, or the source is not the one that was built.',
    todo: 'Check `imgsizes prune --dry-run`. If it is right, pass the `--max-share` that the message names.',
  },

  'queue-unavailable': {
    means: 'The queue of events cannot be reached, or keeps failing.',
    causes: 'The network, or a wrong endpoint.',
    todo: 'Check the `sqs://` URI; run again later. Messages stay in the queue.',
  },
  'queue-timeout': {
    means: 'The queue did not answer in time.',
    causes: 'The network.',
    todo: 'Run again later. Messages stay in the queue.',
  },
  'queue-missing': {
    means: 'There is no such queue.',
    causes: 'A misspelled name, another region or account.',
    todo: 'Correct the `sqs://` URI, or create the queue; imgsizes creates none.',
  },
  'queue-denied': {
    means: 'The queue refuses this user.',
    causes: 'The permission in the message is missing.',
    todo: 'Grant it; an encrypted queue also needs `kms:Decrypt`.',
  },
  'queue-credentials': {
    means: 'The queue does not accept the credentials.',
    causes: 'Credentials that are missing, wrong or expired, or a wrong clock.',
    todo: 'Set them as for S3.',
  },
  'queue-region': {
    means: 'The region of the queue is not known, or is wrong.',
    causes: '`AWS_REGION` is not set.',
    todo: 'Set it, or add `?region=…` to the `sqs://` URI.',
  },
  'queue-refused': {
    means: 'The queue refuses the request as it is.',
    causes: 'How the queue is set up.',
    todo: 'See the message; `imgsizes doctor` checks a queue.',
  },

  'size-unknown': {
    means: 'A page asks for a size that is not configured.',
    causes: 'A misspelled name, or a size that was removed.',
    todo: 'Use one of those in the message, or add it to `sizes`.',
  },
  'size-not-made': {
    means: 'This picture is not made in that size.',
    causes: 'The `match` of the size leaves it out.',
    todo: 'Show it in another size, or widen `match`.',
  },
  'format-unknown': {
    means: 'The picture is not made in that format.',
    causes: '`formats` does not name it.',
    todo: 'Add it to `formats`, or ask for one of those in the message.',
  },
  'source-invalid': {
    means: 'A name cannot be that of an original.',
    causes: 'An empty part, `..`, a backslash, a control character, or a leading slash.',
    todo: 'Give the path below the source, with `/` between folders.',
  },
  'source-outside': {
    means: 'A picture that a page imports lies in no source.',
    causes: '`source` is another folder.',
    todo: 'Move the picture, or add its folder to `source`.',
  },
  'source-url-unknown': {
    means: 'A URL belongs to no source.',
    causes: 'A picture of another site.',
    todo: 'Give the path below the source instead.',
  },
  'site-missing': {
    means: 'The folder of the site does not exist.',
    causes: 'It has not been built, or has another name.',
    todo: 'Build the site first, and name its folder, such as `dist`.',
  },
  'site-unknown': {
    means: 'A URL with a host is needed, but the host is not known.',
    causes: '`baseUrl` is only a path, but Open Graph needs absolute URLs.',
    todo: "Give `site: 'https://www.example.com/'`, or let `baseUrl` begin with the host.",
  },
  'picture-alt-missing': {
    means: 'A picture has no `alt`.',
    causes: 'It was forgotten, so people who cannot see the picture learn nothing about it.',
    todo: 'Describe what it shows, or set `alt: ""` where it is only decoration.',
  },
  'picture-not-built': {
    means: 'A page shows a picture whose results do not exist.',
    causes: 'There was no build since it was added, or the build failed at it.',
    todo: 'Run `imgsizes build` and read what it says of that picture.',
  },
  'picture-not-drawn': {
    means: 'A size shows this SVG as a drawing and not as pixels.',
    causes: "The default, `vectors: 'keep'`.",
    todo: 'Set `draw: true` in the size.',
  },
  'picture-size-invalid': {
    means: 'The width and height given cannot be those of a picture.',
    causes: 'Zero, a fraction, or no number.',
    todo: 'Give those of the original in whole pixels.',
  },
  'picture-size-unknown': {
    means: 'Markup needs the size of the original, which is not known.',
    causes: 'No images.json is given.',
    todo: 'Write one (`imgsizes build --images images.json`) and give it, or width and height.',
  },
  'url-not-signed': {
    means: 'images.json has no signature for that URL.',
    causes: 'A size or picture that was added after it was written.',
    todo: 'Write it again: `imgsizes build --images images.json`.',
  },
  'link-not-signed': {
    means: 'A link that expires was asked for, but images.json has no secret to sign it.',
    causes: 'Such links can only be made where the secret is.',
    todo: "Make it on the server, with `createImages` of `'imgsizes'`.",
  },
  'link-endless': {
    means: 'A link that expires was asked for, but it would never expire.',
    causes: '`serve.expiring` is off.',
    todo: 'Switch it on; see [links that end](../guides/expiring-links.md).',
  },
  'link-end-missing': {
    means: 'A link was asked for without the time when it expires.',
    causes: '`serve.expiring` is on.',
    todo: 'Give it: `{ expires: new Date(Date.now() + 3_600_000) }`.',
  },
  'link-end-invalid': {
    means: 'A link cannot expire at that time.',
    causes: 'It is not a date, or is before 1970.',
    todo: 'Give a `Date`.',
  },

  'not-a-key': {
    means: 'The path is not one of our URLs.',
    causes: 'A URL written by hand, cut off, or encoded twice.',
    todo: 'Print the right one: `imgsizes url <source>`.',
  },
  'url-invalid': {
    means: 'A URL in the form of another image server asks for something that is not supported here.',
    causes: 'An option that is not supported, or a value out of range.',
    todo: 'See [configuration](configuration.md) for the options of `dialects`.',
  },
  'url-expired': {
    means: 'The link has expired.',
    causes: 'It was made for a limited time.',
    todo: 'Make a new one.',
  },
  'format-not-configured': {
    means: 'This site does not serve the format of the URL.',
    causes: '`formats` does not name it.',
    todo: 'Add it to `formats`, or ask for another one.',
  },
  'transform-not-configured': {
    means: 'The transform of the URL is not configured.',
    causes: "With `serve.allow: 'configured'`, no other is answered.",
    todo: 'Add the size, or allow all signed ones.',
  },
  'signature-wrong': {
    means: 'The signature of the URL is wrong.',
    causes: 'The URL was changed, or `serve` has another secret than the one that signed it.',
    todo: 'Use the same secret everywhere. `imgsizes url <source>` prints the right URL.',
  },
  'secret-retired': {
    means: 'The URL was signed with a secret that is marked `retired`. Visitors are told `signature-wrong`.',
    causes: 'A page from before the secret was changed.',
    todo: 'Publish the page again.',
  },
  'link-invalid': {
    means: 'The query of the link is incomplete or was changed.',
    causes: 'Its query was lost or edited.',
    todo: 'Pass the query on, in the CDN, too. Make a new link.',
  },
  'source-unavailable': {
    means: 'The original could not be fetched.',
    causes: 'Its store fails or refuses; the log of `serve` says which.',
    todo: 'Read the log, and run `imgsizes doctor`.',
  },
  'source-changing': {
    means: 'The original was replaced again and again while it was read.',
    causes: 'A program keeps writing it.',
    todo: 'Ask again a moment later.',
  },
  'source-timeout': {
    means: 'The original was not fetched in time.',
    causes: 'A slow store, or one that is overloaded.',
    todo: 'Ask again, or raise `limits.fetchTimeout`.',
  },
  'store-changing': {
    means: 'The result was replaced while it was answered.',
    causes: 'A build at the same moment.',
    todo: 'Ask again.',
  },
  overloaded: {
    means: 'More pictures are asked for than can be rendered at the moment.',
    causes: 'Many visitors ask for pictures that are not built, or the machine is too small.',
    todo: 'Build ahead, or give more CPU. `Retry-After` says when to ask again.',
  },
  draining: {
    means: 'This process is about to stop.',
    causes: 'A deployment.',
    todo: 'Ask again: another process answers.',
  },
  unavailable: {
    means: 'The server in front cannot reach `serve`.',
    causes: '`serve` is stopped, or listens elsewhere.',
    todo: 'See whether it runs: `curl http://<host of serve>/healthz`.',
  },
  'not-ready': {
    means: '`/readyz` says that the process should get no requests now.',
    causes: 'It starts, stops, or cannot reach its store.',
    todo: 'If this does not end soon, read the log.',
  },
  'too-many-connections': {
    means: 'No more connections are accepted.',
    causes: 'Many slow clients, or no server in front.',
    todo: 'Put a web server or a CDN in front. `Retry-After` says when to ask again.',
  },
  internal: {
    means: '`serve` itself failed.',
    causes: 'A bug in imgsizes.',
    todo: 'Report it, with the stack from the log.',
  },
  'client-gone': {
    means: 'The client closed the connection before the answer. Only in the log.',
    causes: 'Somebody left the page.',
    todo: 'Nothing.',
  },
  'method-not-allowed': {
    means: 'Pictures can only be read.',
    causes: 'Another method than GET, HEAD or OPTIONS.',
    todo: 'Use GET.',
  },
  'precondition-failed': {
    means: 'The picture is not the one that `If-Match` names.',
    causes: 'It was replaced.',
    todo: 'Ask without the condition.',
  },
  'range-not-satisfiable': {
    means: 'The picture has no such part.',
    causes: 'A `Range` beyond its end.',
    todo: '`Content-Range` of the answer says how long it is.',
  },
  'expectation-unknown': {
    means: 'The `Expect` of the request cannot be met.',
    causes: 'Another value than `100-continue`.',
    todo: 'Leave it out.',
  },
  'request-malformed': {
    means: 'The request is not HTTP.',
    causes: 'TLS was sent to a port without TLS, or the client is faulty.',
    todo: 'Use `http://` here, or put TLS in front.',
  },
  'host-wrong': {
    means: 'The request has no `Host`, or more than one.',
    causes: 'A faulty client, or an attempt to confuse a proxy.',
    todo: 'Send exactly one.',
  },
  'transfer-encoding-wrong': {
    means: 'It is not certain where the body of the request ends.',
    causes: 'A faulty client, or an attempt to smuggle a request past a proxy.',
    todo: 'Send no body.',
  },
  'request-timeout': {
    means: 'The request did not arrive in time.',
    causes: 'A very slow connection.',
    todo: 'Ask again.',
  },
  'head-too-large': {
    means: 'The headers of the request are too long or too many.',
    causes: 'Very large cookies.',
    todo: 'Serve pictures from a host without cookies.',
  },
  'http-version-unknown': {
    means: 'Only HTTP/1 is supported here.',
    causes: 'HTTP/2 without a server in front.',
    todo: 'Put a web server or a CDN in front.',
  },
  'event-unreadable': {
    means: 'The format of a message is not known.',
    causes: 'It is not the queue of the bucket, or the sender has a format of its own.',
    todo: 'See [what is read](../guides/watch.md). imgsizes never deletes it: it goes to the dead letters, or expires.',
  },
  'watch-no-folder': {
    means: '`watch` should follow folders, but not all originals are in folders.',
    causes: 'A source that is a bucket, without `--events` or `--listen`.',
    todo: 'Say where events come from: `--events sqs://…` or `--listen host:port`.',
  },
  'watch-failed': {
    means: 'A folder cannot be followed.',
    causes:
      'It does not exist, or Linux cannot follow more folders (`fs.inotify.max_user_watches`), or not for more programs (`max_user_instances`).',
    todo: 'Raise that number. Network disks report no changes: use `--listen`, or a `build` now and then.',
  },
  'watch-bug': {
    means: 'A bug in imgsizes stopped the work on a source.',
    causes: 'The log has it as `bug`, with a stack.',
    todo: 'Please report it. The message goes back to its queue.',
  },
  stopped: {
    means: 'A worker was told to stop before it came to this source.',
    causes: 'A deployment, or a scaling down.',
    todo: 'Nothing: the message goes back to its queue.',
  },
  'token-wrong': {
    means: 'An event was pushed without the token of `watch --listen`, or with another.',
    causes: 'A sender that does not know the new token.',
    todo: 'Send it as `Authorization: Bearer`, as the password of `Basic`, or as `?token=`.',
  },
  'not-an-event': {
    means: 'Another method than POST was sent to `watch --listen`.',
    causes: 'A browser, or a probe that should ask `/healthz`.',
    todo: 'Push events by POST.',
  },
  'body-too-large': {
    means: 'A pushed event has more than a megabyte.',
    causes: 'A list of very many sources.',
    todo: 'Send it in pieces.',
  },
  'events-full': {
    means: 'Too many pushed events wait.',
    causes: 'More events come than this worker can process.',
    todo: 'Senders try again by themselves. Put a queue behind it: `--events`.',
  },
  'event-not-kept': {
    means: 'A pushed event could not be kept or processed.',
    causes: 'The queue or the store cannot be reached; the log says which.',
    todo: 'Senders try again by themselves.',
  },
}
