//! Device strings such as `/job:ps/task:3/device:GPU:1`.

use std::fmt;

/// Where a node is to run; each part may be left open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Device {
    job: Option<String>,
    replica: Option<u32>,
    task: Option<u32>,
    kind: Option<String>,
    /// `None` where any device of the kind will do.
    index: Option<u32>,
}

errors! {
    /// Why a string is not a device.
    #[derive(Debug, PartialEq, Eq)]
    #[error(
        "\"{device}\" is not a device: cannot read \"{part}\"; expected parts like \"/job:ps\", \"/task:3\", \"/device:GPU:1\" or \"/cpu:0\""
    )]
    pub(crate) struct DeviceError {
        device: String,
        part: String,
    }
}

impl Device {
    /// Reads TensorFlow's spelling, the short forms `/cpu:0` and `CPU` included.
    pub(crate) fn parse(text: &str) -> Result<Device, DeviceError> {
        let mut device = Device::default();
        for part in text.split('/').filter(|part| !part.is_empty()) {
            let error = || DeviceError {
                device: text.to_owned(),
                part: part.to_owned(),
            };
            let number = |text: &str| text.parse::<u32>().map_err(|_| error());
            let index = |text: &str| {
                if text == "*" {
                    Ok(None)
                } else {
                    number(text).map(Some)
                }
            };
            match *part.split(':').collect::<Vec<_>>() {
                ["job", job] if !job.is_empty() => device.job = Some(job.to_owned()),
                ["replica", replica] => device.replica = Some(number(replica)?),
                ["task", task] => device.task = Some(number(task)?),
                ["device", kind] if !kind.is_empty() => {
                    (device.kind, device.index) = (Some(kind.to_owned()), None)
                }
                ["device", kind, id] if !kind.is_empty() => {
                    (device.kind, device.index) = (Some(kind.to_owned()), index(id)?);
                }
                [kind] if is_short(kind) => {
                    (device.kind, device.index) = (Some(kind.to_uppercase()), None)
                }
                [kind, id] if is_short(kind) => {
                    (device.kind, device.index) = (Some(kind.to_uppercase()), index(id)?);
                }
                _ => return Err(error()),
            }
        }
        Ok(device)
    }

    /// The device inside of a block nested in this one: the inner block's parts, and ours where it is silent.
    pub(crate) fn overridden_by(&self, inner: &Device) -> Device {
        Device {
            job: inner.job.clone().or_else(|| self.job.clone()),
            replica: inner.replica.or(self.replica),
            task: inner.task.or(self.task),
            kind: inner.kind.clone().or_else(|| self.kind.clone()),
            index: inner.index.or(self.index),
        }
    }
}

fn is_short(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("cpu") || kind.eq_ignore_ascii_case("gpu")
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(job) = &self.job {
            write!(f, "/job:{job}")?;
        }
        if let Some(replica) = self.replica {
            write!(f, "/replica:{replica}")?;
        }
        if let Some(task) = self.task {
            write!(f, "/task:{task}")?;
        }
        match (&self.kind, self.index) {
            (Some(kind), Some(index)) => write!(f, "/device:{kind}:{index}"),
            (Some(kind), None) => write!(f, "/device:{kind}:*"),
            (None, _) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(text: &str) -> String {
        Device::parse(text).unwrap().to_string()
    }

    #[test]
    fn spellings_are_normalised() {
        assert_eq!(normal("/cpu:0"), "/device:CPU:0");
        assert_eq!(normal("CPU"), "/device:CPU:*");
        assert_eq!(normal("/device:TPU:2/job:a"), "/job:a/device:TPU:2");
        assert_eq!(
            normal("/job:ps/replica:1/task:3/gpu:*"),
            "/job:ps/replica:1/task:3/device:GPU:*"
        );
        assert_eq!(normal(""), "");
    }

    #[test]
    fn inner_parts_win() {
        let outer = Device::parse("/job:ps/device:GPU:1").unwrap();
        let inner = |text| {
            outer
                .overridden_by(&Device::parse(text).unwrap())
                .to_string()
        };
        assert_eq!(inner("/task:3"), "/job:ps/task:3/device:GPU:1");
        assert_eq!(inner("CPU"), "/job:ps/device:CPU:1");
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let error = Device::parse("/job:ps/tusk:3").unwrap_err();
        assert!(
            error.to_string().contains("cannot read \"tusk:3\""),
            "{error}"
        );
        assert!(Device::parse("/task:x").is_err());
    }
}
