//! Numbers in the text format of Prometheus.

use std::fmt::Write as _;

use axum::extract::State;
use axum::response::IntoResponse;
use fh_workflow::DURATION_BOUNDS;
use http::header;

use super::Refusals;
use crate::Problem;
use crate::WatchedFolder;
use crate::observe::BOUNDS;
use crate::parts::Api;

/// Numbers for Prometheus: the queue, the work of this process, its answers.
#[utoipa::path(get, path = "/metrics", tag = "operation", security(()),
    responses((status = 200, body = String, content_type = "text/plain"), Refusals))]
pub(crate) async fn get_metrics(State(api): State<Api>) -> Result<impl IntoResponse, Problem> {
    let mut page = Page::default();
    let info = "fairhearing_build_info";
    page.head(info, "gauge", "Which program this is.");
    page.value(info, &[("version", &api.settings.version)], 1.0);
    queue(&api, &mut page).await?;
    work(&api, &mut page);
    answers(&api, &mut page);
    disks(&api, &mut page).await;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], page.text))
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// The labels' values are names of ours: routes, kinds, states.
    fn value(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        let labels: Vec<String> =
            labels.iter().map(|(key, value)| format!("{key}=\"{value}\"")).collect();
        let _ = writeln!(self.text, "{name}{{{}}} {value}", labels.join(","));
    }

    fn histogram(
        &mut self,
        name: &str,
        labels: &[(&str, &str)],
        bounds: &[f64],
        counts: &[u64],
        sum: f64,
    ) {
        let mut total = 0;
        for (index, count) in counts.iter().enumerate() {
            total += count;
            let bound = bounds.get(index).map_or_else(|| "+Inf".to_owned(), f64::to_string);
            let with_bound = [labels, &[("le", bound.as_str())]].concat();
            self.value(&format!("{name}_bucket"), &with_bound, total as f64);
        }
        self.value(&format!("{name}_sum"), labels, sum);
        self.value(&format!("{name}_count"), labels, total as f64);
    }
}

async fn queue(api: &Api, page: &mut Page) -> Result<(), Problem> {
    let depths = api.store().queue().depths().await?;
    let (jobs, oldest) = ("fairhearing_queue_jobs", "fairhearing_queue_oldest_seconds");
    page.head(jobs, "gauge", "Jobs by kind and state, of all tenants.");
    for depth in &depths {
        let state = super::jobs::StateName::from(depth.state).as_str();
        page.value(jobs, &[("kind", &depth.kind), ("state", state)], depth.jobs as f64);
    }
    page.head(oldest, "gauge", "For how long the oldest job of a kind and state has been there.");
    for depth in &depths {
        let state = super::jobs::StateName::from(depth.state).as_str();
        let labels = [("kind", depth.kind.as_str()), ("state", state)];
        page.value(oldest, &labels, depth.oldest.as_secs_f64());
    }
    Ok(())
}

fn work(api: &Api, page: &mut Page) {
    let by_kind = api.workflow.metrics().by_kind();
    let (ended, panics) = ("fairhearing_jobs_ended_total", "fairhearing_job_panics_total");
    page.head(ended, "counter", "Jobs that this process's workers ended, and how.");
    for (kind, job) in &by_kind {
        for (end, count) in &job.ends {
            let failure = end.failure().map_or("", |failure| failure.as_str());
            let labels = [("kind", kind.as_str()), ("end", end.as_str()), ("failure", failure)];
            page.value(ended, &labels, *count as f64);
        }
    }
    page.head(panics, "counter", "Jobs that panicked.");
    for (kind, job) in &by_kind {
        page.value(panics, &[("kind", kind)], job.panics as f64);
    }
    let running = "fairhearing_jobs_running";
    page.head(running, "gauge", "Jobs that this process's workers have in hand.");
    for (kind, job) in &by_kind {
        page.value(running, &[("kind", kind)], job.running as f64);
    }
    let took = "fairhearing_job_duration_seconds";
    page.head(took, "histogram", "How long jobs took.");
    for (kind, job) in &by_kind {
        let sum = job.took.as_secs_f64();
        page.histogram(took, &[("kind", kind)], &DURATION_BOUNDS, &job.durations, sum);
    }
    let sound = "fairhearing_job_sound_seconds_total";
    page.head(
        sound,
        "counter",
        "How much sound went through; over it, the duration is the real-time factor.",
    );
    for (kind, job) in &by_kind {
        page.value(sound, &[("kind", kind)], job.sound.as_secs_f64());
    }
}

fn answers(api: &Api, page: &mut Page) {
    let took = "fairhearing_http_duration_seconds";
    page.head(took, "histogram", "How long requests took until their answer began.");
    for ((method, route, status), numbers) in api.requests().numbers() {
        let status = status.to_string();
        let labels = [("method", method.as_str()), ("route", &route), ("status", &status)];
        page.histogram(took, &labels, &BOUNDS, &numbers.durations, numbers.took.as_secs_f64());
    }
}

async fn disks(api: &Api, page: &mut Page) {
    let folders = api.settings.watched.clone();
    // A share that has gone away keeps who asks for it waiting.
    let asking = tokio::task::spawn_blocking(move || {
        let room = |watched: &WatchedFolder| {
            let disk = rustix::fs::statvfs(&watched.folder).ok()?;
            let bytes = |blocks: u64| blocks.saturating_mul(disk.f_frsize) as f64;
            Some((watched.place, bytes(disk.f_bavail), bytes(disk.f_blocks)))
        };
        folders.iter().filter_map(room).collect::<Vec<_>>()
    });
    let found = asking.await.unwrap_or_default();
    let (free, size) = ("fairhearing_disk_free_bytes", "fairhearing_disk_size_bytes");
    page.head(free, "gauge", "Room on the disk of a folder that grows.");
    for (place, bytes, _) in &found {
        page.value(free, &[("place", place)], *bytes);
    }
    page.head(size, "gauge", "The size of that disk.");
    for (place, _, bytes) in &found {
        page.value(size, &[("place", place)], *bytes);
    }
}
