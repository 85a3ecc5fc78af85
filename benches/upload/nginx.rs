//! The peer: nginx, which takes a file by `PUT` (its DAV module) and gives it to the kernel. It
//! knows neither forms nor pictures, and has no setting to write through to the disk.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use crate::Outcome;

/// An nginx of our own on a free loopback port, ended when it is dropped.
pub(crate) struct Nginx {
    process: Child,
    pub(crate) address: String,
}

impl Nginx {
    /// `None` where nginx is not installed.
    pub(crate) fn start(folder: &Path) -> Outcome<Option<Self>> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let folder = folder.join("nginx");
        fs::create_dir_all(folder.join("files"))?;
        let configuration = folder.join("nginx.conf");
        fs::write(&configuration, configuration_for(&address, &folder))?;
        let process = Command::new("nginx")
            .args(["-p".as_ref(), folder.as_os_str(), "-c".as_ref(), configuration.as_os_str()])
            .stderr(Stdio::null())
            .spawn();
        match process {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
            Ok(process) => {
                let nginx = Self { process, address };
                nginx.wait()?;
                Ok(Some(nginx))
            }
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a server of somebody else does not tell when it listens"
    )]
    fn wait(&self) -> Outcome<()> {
        let deadline = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(&self.address).is_err() {
            if Instant::now() > deadline {
                return Err("nginx does not answer: has it the DAV module?".into());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

/// Sends one file.
pub(crate) fn put(address: &str, name: usize, body: &[u8]) -> Outcome<()> {
    let mut stream = TcpStream::connect(address)?;
    let head = format!(
        "PUT /{name}.jpg HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let is_stored = ["HTTP/1.1 201", "HTTP/1.1 204"].iter().any(|good| answer.starts_with(good));
    if is_stored { Ok(()) } else { Err(answer.into()) }
}

fn configuration_for(address: &str, folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "user root;\ndaemon off;\nworker_processes auto;\npid {folder}/pid;\nerror_log {folder}/errors;\n\
         events {{ worker_connections 256; }}\n\
         http {{\n  access_log off;\n  client_body_temp_path {folder}/bodies;\n\
           client_max_body_size 20m;\n\
           server {{ listen {address}; root {folder}/files; location / {{ dav_methods PUT; }} }}\n}}\n"
    )
}
