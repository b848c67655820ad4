// Sends a file with tus-js-client as the browser does: `node tus_sender.mjs FILE WHERE UPLOAD-ADDRESS HEADERS`.
// Given the address of an upload it goes on with it. Prints the address of a new one.
import { createReadStream, statSync } from "node:fs";
import { Upload } from "tus-js-client";

const [file, endpoint, address, headers] = process.argv.slice(2);
const upload = new Upload(createReadStream(file), {
  endpoint,
  uploadUrl: address || null,
  uploadSize: statSync(file).size,
  chunkSize: 8 * 1024 * 1024,
  retryDelays: [0, 200, 500, 1000, 2000, 2000, 2000],
  metadata: { filename: "recording.mp4" },
  headers: JSON.parse(headers),
  onUploadUrlAvailable: () => console.log(upload.url),
  onSuccess: () => process.exit(0),
  onError: (error) => {
    console.error(String(error));
    process.exit(1);
  },
});
upload.start();
