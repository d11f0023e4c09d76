//! Where objects of a job are staged.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use bytes::Bytes;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::{ObjectStoreExt, path};
use tempfile::TempDir;

use crate::bench::Bench;

/// A folder, or a bucket of the S3 server.
#[derive(Debug)]
pub(crate) enum Staging<'a> {
    Folder(TempDir),
    Bucket { bench: &'a Bench, name: String, client: AmazonS3 },
}

impl<'a> Staging<'a> {
    pub(crate) fn folder(bench: &Bench) -> Self {
        // Beside the generated files, so that these can be linked.
        let folder = tempfile::Builder::new().prefix("staging-").tempdir_in(&bench.folder);
        Self::Folder(folder.expect("the staging folder can be made"))
    }

    pub(crate) fn bucket(bench: &'a Bench) -> Self {
        let name = bench.s3().fresh_bucket();
        let builder = AmazonS3Builder::new().with_bucket_name(&name);
        let client = bench.s3().env().into_iter().fold(builder, |builder, (variable, value)| {
            let key = variable.to_ascii_lowercase().parse().expect("a variable of AWS");
            builder.with_config(key, value)
        });
        let client = client.build().expect("all that the client needs is set");
        Self::Bucket { bench, name, client }
    }

    /// Stages all objects of a folder.
    pub(crate) fn add(&self, objects: &Path) {
        for object in fs::read_dir(objects).expect("the objects are there") {
            let object = object.expect("the objects can be listed");
            match self {
                Self::Folder(folder) => {
                    fs::hard_link(object.path(), folder.path().join(object.file_name()))
                        .expect("an object can be linked");
                }
                // A file that is put there without the server has no tag, and is hashed for each request.
                Self::Bucket { bench, client, .. } => {
                    let bytes = fs::read(object.path()).expect("the object can be read");
                    let name = object.file_name();
                    let key = path::Path::from(name.to_string_lossy().as_ref());
                    let put = client.put(&key, Bytes::from(bytes).into());
                    let _result = bench.runtime.block_on(put).expect("an object can be put");
                }
            }
        }
    }

    /// What LOCATION says.
    pub(crate) fn location(&self) -> String {
        match self {
            Self::Folder(folder) => format!("{}/", folder.path().display()),
            Self::Bucket { name, .. } => format!("s3://{name}/"),
        }
    }

    /// The environment in which the location is found.
    pub(crate) fn env(&self) -> Vec<(String, String)> {
        match self {
            Self::Folder(_) => Vec::new(),
            Self::Bucket { bench, .. } => bench.s3().env(),
        }
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        // A gigabyte would else stay until the server ends.
        if let Self::Bucket { bench, name, .. } = self
            && let Err(error) = fs::remove_dir_all(bench.s3().root().join(name))
        {
            assert_eq!(error.kind(), ErrorKind::NotFound, "a bucket stays: {error}");
        }
    }
}
