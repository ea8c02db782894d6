namespace Symantec.Virtualization.Scanning.Core;

/// <summary>Fingerprints of identities with the hash of each: open addressing in three arrays, 49 bytes a place. Not safe for concurrent use.</summary>
/// <remarks>
/// An entry stands at most <see cref="Window"/> places from where its fingerprint belongs, so that a search is short, however full the table is. The table grows up to its
/// limit; then a new entry takes the place of one that was not of use for long. A place that was taken once is never empty again, so that no search ends too early.
/// </remarks>
internal sealed class IdentityTable(int limit)
{
    private const int Window = 32;
    private const int FirstPlaces = 1024;

    private UInt128[] _fingerprints = new UInt128[Math.Min(FirstPlaces, limit)];
    private ContentHash[] _hashes = new ContentHash[Math.Min(FirstPlaces, limit)];
    private bool[] _wasOfUse = new bool[Math.Min(FirstPlaces, limit)];

    /// <summary>Gets the number of entries.</summary>
    public int Count { get; private set; }

    /// <summary>Gets the entries; a fingerprint of 0 is none. They are not written any more once the table has grown.</summary>
    public (UInt128[] Fingerprints, ContentHash[] Hashes) Arrays => (_fingerprints, _hashes);

    public bool TryGet(UInt128 fingerprint, out ContentHash hash)
    {
        int place = Find(fingerprint);
        if (place < 0 || _fingerprints[place] != fingerprint)
        {
            hash = default;
            return false;
        }

        _wasOfUse[place] = true;
        hash = _hashes[place];
        return true;
    }

    public void Put(UInt128 fingerprint, ContentHash hash)
    {
        if (Count >= _fingerprints.Length / 4 * 3 && _fingerprints.Length < limit)
        {
            Grow();
        }

        Place(fingerprint, hash, wasOfUse: true);
    }

    /// <summary>Finds the place of an entry, or the empty one where its search ends.</summary>
    /// <returns>-1 if the whole window is taken by others.</returns>
    private int Find(UInt128 fingerprint)
    {
        int place = Home(fingerprint);
        for (int i = 0; i < Window; i++)
        {
            if (_fingerprints[place] == fingerprint || _fingerprints[place] == UInt128.Zero)
            {
                return place;
            }

            place = Next(place);
        }

        return -1;
    }

    private void Place(UInt128 fingerprint, ContentHash hash, bool wasOfUse)
    {
        int place = Find(fingerprint);
        while (place < 0 && _fingerprints.Length < limit)
        {
            Grow();
            place = Find(fingerprint);
        }

        if (place < 0)
        {
            place = Victim(fingerprint);
        }
        else if (_fingerprints[place] == UInt128.Zero)
        {
            Count++;
        }

        _fingerprints[place] = fingerprint;
        _hashes[place] = hash;
        _wasOfUse[place] = wasOfUse;
    }

    /// <summary>Chooses the entry of a window that makes room: the first that was not of use since it was last passed by here.</summary>
    private int Victim(UInt128 fingerprint)
    {
        int home = Home(fingerprint);
        int place = home;
        for (int i = 0; i < Window; i++)
        {
            if (!_wasOfUse[place])
            {
                return place;
            }

            _wasOfUse[place] = false;
            place = Next(place);
        }

        return home;
    }

    private int Next(int place) => place + 1 == _fingerprints.Length ? 0 : place + 1;

    /// <summary>The fingerprint is as good as random: its upper half says where in the table it belongs, whatever the table's size.</summary>
    private int Home(UInt128 fingerprint) => (int)Math.BigMul((ulong)(fingerprint >> 64), (ulong)_fingerprints.Length, out _);

    private void Grow()
    {
        (UInt128[] fingerprints, ContentHash[] hashes, bool[] wasOfUse) = (_fingerprints, _hashes, _wasOfUse);
        int places = (int)Math.Min(2L * fingerprints.Length, limit);
        (_fingerprints, _hashes, _wasOfUse) = (new UInt128[places], new ContentHash[places], new bool[places]);
        Count = 0;
        for (int i = 0; i < fingerprints.Length; i++)
        {
            if (fingerprints[i] != UInt128.Zero)
            {
                Place(fingerprints[i], hashes[i], wasOfUse[i]);
            }
        }
    }
}
