// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The wires of SPI bus 0 with a recorder at their far end, for the tests' User-Mode Linux kernel. It stands in for wires
 * and device, not for the kernel: the kernel's own spi-gpio drives them bit by bit, and spidev is /dev/spidev0.0.
 *
 * GPIO lines: 0 SCLK, 1 MOSI, 2 MISO (wired to MOSI: what is sent comes back), 3 chip select, active low. Bits are taken
 * as in mode 0, at the rising clock, most significant first. Attributes of the platform device:
 *   sent       binary: the whole bytes of the last transfer, of one that goes on too; at most 4096, spidev's own limit
 *   transfers  how often the chip was selected
 */
#include <linux/gpio/driver.h>
#include <linux/mod_devicetable.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#define MOST 4096

enum { SCLK, MOSI, MISO, SELECT, WIRES };

struct recorder {
	struct gpio_chip chip;
	spinlock_t lock; /* of all that follows */
	bool level[WIRES];
	u8 byte;
	unsigned int bits;
	size_t length;
	unsigned long transfers;
	u8 sent[MOST];
};

static void take_bit(struct recorder *recorder)
{
	recorder->byte = recorder->byte << 1 | recorder->level[MOSI];
	if (++recorder->bits < 8)
		return;
	recorder->bits = 0;
	if (recorder->length < MOST)
		recorder->sent[recorder->length++] = recorder->byte;
}

static void wire_set(struct gpio_chip *chip, unsigned int wire, int value)
{
	struct recorder *recorder = gpiochip_get_data(chip);
	unsigned long flags;
	bool changes;

	spin_lock_irqsave(&recorder->lock, flags);
	changes = recorder->level[wire] != !!value;
	recorder->level[wire] = value;
	if (changes && wire == SELECT && !value) {
		recorder->transfers++;
		recorder->bits = 0;
		recorder->length = 0;
	} else if (changes && wire == SCLK && value && !recorder->level[SELECT]) {
		take_bit(recorder);
	}
	spin_unlock_irqrestore(&recorder->lock, flags);
}

static int wire_output(struct gpio_chip *chip, unsigned int wire, int value)
{
	wire_set(chip, wire, value);
	return 0;
}

static int wire_input(struct gpio_chip *chip, unsigned int wire)
{
	return wire == MISO ? 0 : -EINVAL;
}

static int wire_get(struct gpio_chip *chip, unsigned int wire)
{
	struct recorder *recorder = gpiochip_get_data(chip);

	return recorder->level[wire == MISO ? MOSI : wire];
}

static ssize_t transfers_show(struct device *dev, struct device_attribute *attr, char *text)
{
	struct recorder *recorder = dev_get_drvdata(dev);

	return sysfs_emit(text, "%lu\n", recorder->transfers);
}
static DEVICE_ATTR_RO(transfers);

static ssize_t sent_read(struct file *file, struct kobject *kobj, struct bin_attribute *attr, char *to, loff_t from,
			 size_t size)
{
	struct recorder *recorder = dev_get_drvdata(kobj_to_dev(kobj));

	return memory_read_from_buffer(to, size, &from, recorder->sent, recorder->length);
}
static BIN_ATTR_RO(sent, 0);

static struct attribute *recorder_attrs[] = { &dev_attr_transfers.attr, NULL };
static struct bin_attribute *recorder_bin_attrs[] = { &bin_attr_sent, NULL };
static const struct attribute_group recorder_group = { .attrs = recorder_attrs, .bin_attrs = recorder_bin_attrs };
__ATTRIBUTE_GROUPS(recorder);

static int recorder_probe(struct platform_device *device)
{
	struct recorder *recorder = devm_kzalloc(&device->dev, sizeof(*recorder), GFP_KERNEL);

	if (!recorder)
		return -ENOMEM;
	spin_lock_init(&recorder->lock);
	recorder->level[SELECT] = true;
	recorder->chip.label = "spi-wire";
	recorder->chip.parent = &device->dev;
	recorder->chip.owner = THIS_MODULE;
	recorder->chip.base = -1;
	recorder->chip.ngpio = WIRES;
	recorder->chip.get = wire_get;
	recorder->chip.set = wire_set;
	recorder->chip.direction_input = wire_input;
	recorder->chip.direction_output = wire_output;
	platform_set_drvdata(device, recorder);
	return devm_gpiochip_add_data(&device->dev, &recorder->chip, recorder);
}

static const struct of_device_id recorder_ids[] = { { .compatible = "edge-wasi,spi-wire" }, {} };

static struct platform_driver recorder_driver = {
	.probe = recorder_probe,
	.driver = {
		.name = "spi-wire",
		.of_match_table = recorder_ids,
		.dev_groups = recorder_groups,
		.suppress_bind_attrs = true, /* built in, and there for good */
	},
};
builtin_platform_driver(recorder_driver);
