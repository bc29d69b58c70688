use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::HuaweiError;

/// Reads `yyyy-MM-dd HH:mm:ss`.
pub(crate) fn local_time(field: &str, text: &str) -> Result<DateTime, HuaweiError> {
    let wrong = || {
        HuaweiError::bad_request(format!(
            "expected a time such as `2021-02-01 09:51:07` in `{field}`, found another text"
        ))
    };
    // The format asks for exactly these digits; a shorter one could be read in two ways.
    if text.len() != 19 {
        return Err(wrong());
    }
    DateTime::strptime("%Y-%m-%d %H:%M:%S", text).map_err(|_| wrong())
}

/// Begin and end of a call, in order.
pub(crate) fn begin_and_end(begin: &str, end: &str) -> Result<(DateTime, DateTime), HuaweiError> {
    let (begin, end) = (local_time("beginTime", begin)?, local_time("endTime", end)?);
    if begin > end {
        return Err(HuaweiError::bad_request(
            "expected a time at or after `beginTime` in `endTime`, found an earlier one",
        ));
    }
    Ok((begin, end))
}

/// The moment of a local time where the contact centre is.
pub(crate) fn moment(time: DateTime, zone: &TimeZone) -> Result<Timestamp, HuaweiError> {
    zone.to_ambiguous_zoned(time).compatible().map(|zoned| zoned.timestamp()).map_err(|_| {
        HuaweiError::bad_request("expected a time of our calendar in `beginTime`, found another")
    })
}

#[cfg(test)]
mod tests {
    use jiff::tz::Offset;

    use super::*;

    #[test]
    fn times_are_read_as_written_and_meant_where_the_centre_is() {
        let time = local_time("beginTime", "2021-02-01 09:51:07").unwrap();
        // 09:51:07 in Beijing is 01:51:07 UTC; 1612144267 by `date -u -d '2021-02-01 01:51:07' +%s`.
        let beijing = TimeZone::fixed(Offset::constant(8));
        assert_eq!(moment(time, &beijing).unwrap().as_second(), 1_612_144_267);
        for wrong in [
            "2021-02-01",
            "2021-2-1 9:51:07",
            "2021-02-30 09:51:07",
            "2021-02-01T09:51:07",
            "",
            "2021-02-01 24:51:07",
            "２０２１-02-01 09:51:07",
        ] {
            assert!(local_time("beginTime", wrong).is_err(), "{wrong}");
        }
        assert!(begin_and_end("2021-02-01 09:51:07", "2021-02-01 09:51:06").is_err());
    }
}
